/** Gauges that are measured when somebody reads /metrics. */
import type { DeclaredMetric } from './metric.ts';

export const measured = {
  commandsWaiting: {
    ...{ name: 'parley_commands_waiting', kind: 'gauge', unit: 'commands' },
    help: 'Commands that wait for their turn in a conversation',
    advice: 'Below 100. Else appends are slow, or one conversation is written by everybody',
  },
  commandsWaitingChars: {
    ...{ name: 'parley_commands_waiting_chars', kind: 'gauge', unit: 'UTF-16 units' },
    help: 'UTF-16 units of the texts of commands that wait',
    advice: 'As parley_commands_waiting',
  },
  natsRequests: {
    ...{ name: 'parley_nats_requests_in_flight', kind: 'gauge', unit: 'requests' },
    help: 'Appends to the log, and reads of it, that nats-server did not answer yet',
    advice: 'Below 1,000. Else nats-server or the network to it is slow: look at its disk (`/varz`, `/jsz`)',
  },
  natsOutboundBytes: {
    ...{ name: 'parley_nats_outbound_bytes', kind: 'gauge', unit: 'bytes' },
    help: 'Bytes that were written to nats-server and that it did not take yet, as far as it was asked',
    advice: 'Below 128 KiB. Else as parley_nats_requests_in_flight',
  },
  natsReadsWaiting: {
    ...{ name: 'parley_nats_reads_waiting', kind: 'gauge', unit: 'reads' },
    help: 'Reads of logs that wait for their turn',
    advice: '0. Many readers resume at once; passes by itself',
  },
  sqlWaiting: {
    ...{ name: 'parley_sql_waiting', kind: 'gauge', unit: 'statements' },
    help: 'Statements that wait for a connection to PostgreSQL',
    advice: '0. Else PostgreSQL is slow or lists are heavy: `pg_stat_activity`; posts do not wait for it',
  },
  sqlConnections: {
    ...{ name: 'parley_sql_connections_in_use', kind: 'gauge', unit: 'connections' },
    help: 'Connections to PostgreSQL that somebody works with',
    advice: 'Below 10. Else as parley_sql_waiting',
  },
  httpRequests: {
    ...{ name: 'parley_http_requests_in_flight', kind: 'gauge', unit: 'requests' },
    help: 'HTTP requests whose answer is pending',
    advice: 'Low. Else answers wait for NATS or PostgreSQL: one of the other gauges says which',
  },
  httpBodyBytes: {
    ...{ name: 'parley_http_body_bytes', kind: 'gauge', unit: 'bytes' },
    help: 'Bytes of bodies of requests that are not whole yet',
    advice: 'Low. Else clients upload slowly',
  },
  outboxBytes: {
    ...{ name: 'parley_outbox_bytes', kind: 'gauge', unit: 'bytes' },
    help: 'Bytes that wait for sockets whose clients read slowly',
    advice: 'Below 100 MB. Else readers do not keep up; the worst are closed and resume',
  },
  webhooksWaiting: {
    ...{ name: 'parley_webhook_deliveries_waiting', kind: 'gauge', unit: 'deliveries' },
    help: 'Deliveries of webhooks that wait, in the whole deployment; -1 while it cannot be told',
    advice: 'Below 10,000. Else endpoints are slow or away: each is disabled with 20,000',
  },
  webhookDeadLetters: {
    ...{ name: 'parley_webhook_dead_letters', kind: 'gauge', unit: 'deliveries' },
    help: 'Deliveries of webhooks that were given up and are kept, in the whole deployment; -1 while it cannot be told',
    advice: '0. Owners of the endpoints see why, and redeliver them; they go after 30 days',
  },
  projectionLag: {
    ...{ name: 'parley_projection_lag_events', kind: 'gauge', unit: 'events', labels: ['partition'] },
    help: 'Events of the logs that are not projected yet, in the whole deployment, by partition; -1 while it cannot be told',
    advice:
      'Below 1,000. Else batches are slow; history and lists stay right, search is late. -1: NATS does not say',
  },
} as const satisfies Readonly<Record<string, DeclaredMetric>>;

export type Measured = keyof typeof measured;
