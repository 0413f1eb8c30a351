import type { DeclaredLines } from './line.ts';

/** From the start of a process to its end, and the servers that `parley dev` starts. */
export const ofProcess: DeclaredLines = {
  listening: {
    ...{ level: 'info', fields: ['url', 'node'] },
    advice: 'The node takes connections: the end of a start',
  },
  draining: {
    ...{ level: 'info', fields: ['reason'] },
    advice: 'It was asked to end: by a signal, by an API that may, or because its supervisor is gone',
  },
  'did not close in time': {
    ...{ level: 'error', fields: ['part', 'close_ms_max'] },
    advice: 'The process ends without it. What was acknowledged is safe; report it',
  },
  'failed to close': {
    ...{ level: 'error', fields: ['part', 'error'] },
    advice: 'The process ends nevertheless. What was acknowledged is safe; report it',
  },
  'worker started': {
    level: 'info',
    fields: ['slot', 'pid'],
    advice: 'Of `--workers`: one for each, and again after each end',
  },
  'worker ended by itself': {
    ...{ level: 'error', fields: ['slot', 'pid', 'exit_code', 'signal'] },
    advice: 'It is started again. Out of memory (`SIGKILL`), or a fault: its last lines say',
  },
  'ending the workers': { level: 'info', fields: ['reason', 'workers'], advice: 'It was asked to end' },
  'The collector does not take traces': {
    ...{ level: 'warn', fields: ['url', 'reason'] },
    advice:
      'Said once, until it takes them again: is `OTEL_EXPORTER_OTLP_ENDPOINT` right? Requests do not wait; spans are lost',
  },
  'The collector takes traces again': {
    ...{ level: 'info', fields: ['url'] },
    advice: '`parley_trace_spans_total` says what got lost meanwhile',
  },
  'schema migrated': { level: 'info', fields: ['migrations'], advice: 'Once for each new version' },
  migrating: { level: 'debug', fields: ['migration'], advice: 'Each step of it' },
  'postgres started': {
    level: 'info',
    fields: ['pid', 'port'],
    advice: 'By `parley dev` or `parley cluster`',
  },
  'nats-server started': {
    level: 'info',
    fields: ['pid', 'url'],
    advice: 'By `parley dev` or `parley cluster`',
  },
  'ended an orphaned postgres': {
    ...{ level: 'warn', fields: ['pid'] },
    advice: 'A `parley dev` before this one was killed. Nothing is lost',
  },
  'ended an orphaned nats-server': {
    ...{ level: 'warn', fields: ['pid'] },
    advice: 'A `parley dev` before this one was killed. Nothing is lost',
  },
};
