import type { DeclaredLines } from './line.ts';

/** The link to nats-server, streams and consumers, and who else is connected there. */
export const ofNats: DeclaredLines = {
  'NATS connection lost': {
    ...{ level: 'warn', fields: ['server', 'user'] },
    advice: 'Posts answer 503 until the next line. Look at nats-server',
  },
  'NATS connection restored': {
    ...{ level: 'info', fields: ['server', 'user'] },
    advice: 'What was missed is read from the log by itself',
  },
  'What follows a loss or a reconnect failed': {
    level: 'error',
    fields: ['error'],
    advice: 'Report it; a restart of the node heals it',
  },
  'A live message could not be taken': {
    ...{ level: 'error', fields: ['error'] },
    advice: 'Somebody else publishes below `parley.>`, or a node of another version does',
  },
  'A log message is not an event': {
    ...{ level: 'error', fields: ['error', 'subject', 'sequence'] },
    advice: 'It is passed over. Somebody else writes into the streams of Parley: who has their credentials?',
  },
  'A message is no item of its work queue': {
    ...{ level: 'error', fields: ['subject', 'sequence'] },
    advice: 'It is dropped. Somebody else writes into the streams of Parley: who has their credentials?',
  },
  'The number of partitions was fixed at first boot and stays': {
    ...{ level: 'warn', fields: ['existing', 'wanted'] },
    advice: 'Set `PARLEY_PARTITIONS` to what exists',
  },
  'The streams cannot be looked at yet': {
    ...{ level: 'warn', fields: ['error'] },
    advice: 'After a reconnect; it tries again. For minutes: JetStream has no leader, look at its cluster',
  },
  'Streams were made anew: their events are gone': {
    ...{ level: 'error', fields: ['partitions'] },
    advice: 'Unless somebody meant it, nats-server lost its files: restore a [backup](../deploy/backup.md)',
  },
  'A consumer cannot be opened again yet': {
    ...{ level: 'warn', fields: ['error'], sometimes: ['partition'] },
    advice: 'It tries again. For minutes: JetStream has no leader, look at its cluster',
  },
  'A stream is gone and cannot be made again yet': {
    ...{ level: 'warn', fields: ['error'], sometimes: ['partition'] },
    advice: 'It tries again. For minutes: look at nats-server and its disk',
  },
  'A consumer could not be released; another node takes it in a few seconds': {
    ...{ level: 'info', fields: ['error', 'durable'] },
    advice: 'As it says',
  },
  'An item of a work queue waits for an older one no longer': {
    ...{ level: 'warn', fields: ['oldest', 'sequence'] },
    advice: 'A node that had it was killed, most often. Turns or deliveries may come in another order',
  },
  'A request of another node failed': {
    ...{ level: 'error', fields: ['error', 'verb'] },
    advice: 'The other one decides for itself. Nodes of different versions? Else report it',
  },
  'NATS_CREDS holds no credentials of Parley: no auth callout and no api service, since subjects prove nothing on such a server':
    {
      level: 'info',
      advice: 'Clients over NATS are not served: `parley admin nats-credentials` makes such credentials',
    },
  'A callout cannot be read: does nats-server know the xkey of these credentials?': {
    level: 'warn',
    advice: 'Nobody but nodes gets in over NATS: nats-server and nodes were given different credentials',
  },
  'A callout could not be answered': {
    ...{ level: 'error', fields: ['error'] },
    advice: 'A client was not let in over NATS, and may try again. Report it',
  },
  'A connection to NATS was ended': {
    ...{ level: 'info', fields: ['tenant', 'principal', 'reason'] },
    advice: 'It was revoked, changed or suspended, or had too many subscriptions',
  },
  'A connection to NATS could not be ended': {
    ...{ level: 'error', fields: ['error', 'tenant', 'principal'] },
    advice:
      'It is tried again. Until then somebody who was shut out may read: end it with `nats server request kick`',
  },
  'The connections of nats-server cannot be listed yet': {
    ...{ level: 'warn', fields: ['error'] },
    advice: 'It tries again. Until then a revocation may not end a connection over NATS',
  },
  'The subscriptions of connections cannot be looked at': {
    ...{ level: 'warn', fields: ['error'] },
    advice: 'Passes by itself with the next look',
  },
};
