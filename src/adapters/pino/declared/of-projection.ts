import type { DeclaredLines } from './line.ts';

/** The projection, and PostgreSQL under it. */
export const ofProjection: DeclaredLines = {
  'an event cannot be projected and is passed over': {
    ...{
      level: 'error',
      fields: ['tenant', 'conversation', 'log_seq', 'event', 'position', 'type', 'reason'],
    },
    advice: 'The log has it, lists and search do not. Report it; after a mend, `parley rebuild-projection`',
  },
  'A projection batch failed and is tried again': {
    ...{ level: 'warn', fields: ['error', 'partition'] },
    advice: 'PostgreSQL is away or refuses; lists are behind until it works',
  },
  'The projection reads on from its mark': {
    ...{ level: 'info', fields: ['partition', 'from', 'to'] },
    advice: 'A projector before this one ended in the middle of a batch. Nothing is lost',
  },
  'What another projector left cannot be read yet': {
    ...{ level: 'warn', fields: ['error', 'partition'] },
    advice: 'It tries again. For minutes: look at nats-server',
  },
  'The projector ended with an error': {
    ...{ level: 'error', fields: ['error'] },
    advice: 'It is started again. Report it',
  },
  'The projector ended and is started again': {
    level: 'error',
    advice: 'The line before it says why. Lists are behind for a moment',
  },
  'The projector could not be started again': {
    ...{ level: 'error', fields: ['error'] },
    advice: 'It tries again. NATS or PostgreSQL is away',
  },
  'The projector could not start again yet': {
    ...{ level: 'warn', fields: ['error'] },
    advice: 'It tries again. NATS or PostgreSQL is away',
  },
  'The projector could not be brought to where it should be': {
    ...{ level: 'error', fields: ['error'] },
    advice: 'The next look tries again. Report it',
  },
  'The projector stands aside for a rebuild': {
    level: 'info',
    advice: '`parley rebuild-projection` runs; it comes back by itself',
  },
  'PostgreSQL does not answer; connecting anew': {
    level: 'warn',
    advice: 'A statement had no answer within its time. Look at PostgreSQL and the network to it',
  },
  'PostgreSQL refused a statement': {
    ...{ level: 'error', fields: ['sql_state'] },
    advice:
      'The client was told `internal`. A schema of another version, missing grants, or a fault of Parley: report it',
  },
  'notice of PostgreSQL': { level: 'debug', fields: ['sql_state'], advice: 'Nothing to do' },
};
