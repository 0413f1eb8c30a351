import type { DeclaredLines } from './line.ts';

/** Agents that run here, timed sessions, webhooks, media and speech. */
export const ofAgents: DeclaredLines = {
  'A model failed': {
    ...{ level: 'warn', fields: ['agent', 'model', 'code'] },
    advice: 'It is asked again. Often: look at the model, `parley_model_circuit_open`',
  },
  'A model is left alone for a while: it fails again and again': {
    ...{ level: 'warn', fields: ['model'] },
    advice: 'Agents wait. Look at the model and at its key',
  },
  'A model answers again': { level: 'info', fields: ['model'], advice: 'Agents that waited answer now' },
  'An agent gives no answer': {
    ...{ level: 'warn', fields: ['tenant', 'conversation', 'message_id', 'agent', 'model'] },
    advice: 'The model failed as often as it is asked; who waits was told so',
  },
  'A turn of an agent failed': {
    ...{ level: 'error', fields: ['error'] },
    advice: 'It is tried again, here or elsewhere. Report it unless a server is away',
  },
  'Which agents are to answer cannot be found out': {
    ...{ level: 'error', fields: ['conversations'] },
    advice: 'Messages of one batch get no answer. The line before it says why; report it',
  },
  'What an agent did could not be recorded': {
    ...{ level: 'warn', fields: ['tenant', 'conversation', 'message_id', 'agent', 'code'] },
    advice: 'It answered; its runs and logs do not say so. PostgreSQL is away',
  },
  'What a deleted agent did is not all deleted': {
    ...{ level: 'warn', fields: ['tenant', 'agent', 'code'] },
    advice: 'PostgreSQL is away. Delete it again, or its records stay',
  },
  'A notice of a session cannot be said': {
    level: 'error',
    advice: 'The session has ended; its conversation does not say so. The line before it says why; report it',
  },
  'A webhook is disabled': {
    ...{ level: 'warn', fields: ['tenant', 'webhook', 'reason'] },
    advice: '`gone` (410), `failing` for days, or `backlog`. Its owner makes it active again',
  },
  'A delivery of a webhook could not be tried': {
    ...{ level: 'error', fields: ['error'] },
    advice: 'It is tried again. Report it unless a server is away',
  },
  'A webhook cannot be followed yet': {
    ...{ level: 'warn', fields: ['error'] },
    advice: 'It tries again. For minutes: JetStream has no leader, look at its cluster',
  },
  'A webhook could not be closed': {
    ...{ level: 'warn', fields: ['error'] },
    advice: 'Another node goes on with it. Report it unless a server is away',
  },
  'Which webhooks want an event cannot be found out': {
    ...{ level: 'error', fields: ['tenants'] },
    advice: 'Events of one batch are not delivered. The line before it says why; report it',
  },
  'the directory of media failed': {
    ...{ level: 'error', sometimes: ['code'] },
    advice: '`DATA_DIR/media`. `ENOSPC`: its disk is full, and uploads are refused until it is not',
  },
  'the store of media failed': {
    ...{ level: 'error', sometimes: ['code', 'status'] },
    advice: 'S3 refused or did not answer; the client was told 503. 401 and 403: its keys',
  },
  'the store of media does not answer as it should': {
    ...{ level: 'error', fields: ['state'] },
    advice: 'At the start. Look at the `PARLEY_S3_…` variables: `parley doctor`',
  },
  'a thumbnail was not made': {
    ...{ level: 'error', fields: ['error', 'media'] },
    advice: 'The file itself is served. A broken picture, most often',
  },
  'there are no thumbnails: libvips cannot be loaded': {
    ...{ level: 'error', fields: ['error'] },
    advice: 'Files are served without previews. Install the optional packages of `sharp` for this platform',
  },
  'the directory of speech failed': {
    ...{ level: 'error', sometimes: ['code'] },
    advice: 'Below the temporary files of the system. `ENOSPC`: its disk is full',
  },
};
