import type { DeclaredLines } from './line.ts';

/** Commands, live delivery, sealed texts, the audit. */
export const ofConversations: DeclaredLines = {
  'A command could not be handled': {
    ...{ level: 'error', fields: ['error', 'conversation'] },
    advice:
      'A fault of Parley: the author was told `internal`, and may send it again. Report it with the line',
  },
  'An effect is left to the projector': {
    ...{ level: 'warn', fields: ['conversation', 'code', 'what'] },
    advice: 'What follows an event comes a little later. Many: PostgreSQL or nats-server is slow',
  },
  'An effect of a stored event failed': {
    ...{ level: 'error', fields: ['error', 'conversation'] },
    advice: 'The event is stored. The projector does it again; report it',
  },
  'A gap could not be repaired': {
    ...{ level: 'error', fields: ['error', 'conversation'] },
    advice: 'The next event tries again; clients that come back get what is missing. Report it',
  },
  'Followed conversations could not be verified after a reconnect': {
    ...{ level: 'error', fields: ['error'] },
    advice: 'The next event of each verifies it. Report it',
  },
  'A live message could not be opened': {
    ...{ level: 'error', fields: ['error'] },
    advice: 'A sealed event reaches its readers late, from the log. Report it',
  },
  'A live message that had waited could not be taken': {
    ...{ level: 'error', fields: ['error'] },
    advice: 'A sealed event reaches its readers late, from the log. Report it',
  },
  'A sealed text does not open': {
    ...{ level: 'error', fields: ['tenant', 'conversation', 'id'] },
    advice:
      'Readers see a placeholder. The key is another one (a wrong `PARLEY_MASTER_KEY`?), or the text was changed',
  },
  'An audit entry was not stored': {
    ...{ level: 'error', fields: ['tenant', 'action', 'subject', 'actor', 'detail'] },
    advice: 'It was done, and this line is its only record: keep it',
  },
};
