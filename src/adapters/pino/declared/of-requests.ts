import type { DeclaredLine, DeclaredLines } from './line.ts';

const fault = 'A fault of Parley: the client was told `internal` and nothing else. Report it with the line';

const ofRequest = {
  level: 'error',
  fields: ['error', 'request_id'],
  sometimes: ['operation'],
} as const satisfies Omit<DeclaredLine, 'advice'>;

/** Clients at the doors: HTTP, sockets, Socket.IO, NATS. */
export const ofRequests: DeclaredLines = {
  request: {
    ...{ level: 'debug', fields: ['request_id', 'status', 'seconds'], sometimes: ['operation'] },
    advice: 'Each HTTP request, with `LOG_LEVEL=debug`. It costs: for looking at something, not for good',
  },
  'request failed': { ...ofRequest, advice: fault },
  'refusal failed': { ...ofRequest, advice: fault },
  'answered internal': {
    ...{ level: 'error', fields: ['request_id'], sometimes: ['reason', 'operation'] },
    advice: 'A 500. The line before it says why; report it',
  },
  'observing a request failed': {
    ...ofRequest,
    advice: 'The request was answered; its metrics are missing. Report it',
  },
  'the directory of waiting uploads failed': {
    ...{ level: 'error', sometimes: ['code'] },
    advice: 'Below `DATA_DIR`. `ENOSPC`: its disk is full, and large uploads are refused until it is not',
  },
  'the directory of forms failed': {
    ...{ level: 'error', sometimes: ['code'] },
    advice: 'Below `DATA_DIR`. `ENOSPC`: its disk is full, and forms with files are refused until it is not',
  },
  'A handshake failed': { level: 'error', fields: ['error'], advice: fault },
  'A socket callback failed': { level: 'error', fields: ['error'], advice: fault },
  'A frame could not be handled': { level: 'error', fields: ['error'], sometimes: ['op'], advice: fault },
  'Presence could not be told': {
    level: 'error',
    fields: ['error'],
    advice: 'Volatile news got lost. Report it',
  },
  'News of a conversation could not be told': {
    ...{ level: 'error', fields: ['error', 'conversation'] },
    advice: 'A device sees it when it loads its list again. Report it',
  },
  'Views could not be compared': {
    ...{ level: 'error', fields: ['error'] },
    advice: 'A socket may show somebody whom its person blocked until it comes back. Report it',
  },
  'Engine.IO failed': { level: 'error', fields: ['error'], advice: fault },
  'A Socket.IO client could not be connected': { level: 'error', fields: ['error'], advice: fault },
  'A callback of Socket.IO failed': { level: 'error', fields: ['error'], advice: fault },
  'An event could not be handled': { level: 'error', fields: ['error', 'event'], advice: fault },
  'A refusal could not be told': { level: 'error', fields: ['error', 'event'], advice: fault },
  'A session could not be ended': { level: 'error', fields: ['error'], advice: fault },
  'A socket could not be handed over': { level: 'error', fields: ['error'], advice: fault },
  'A request could not be handled': { level: 'error', fields: ['error', 'op'], advice: fault },
  'A request over NATS could not be handled': { level: 'error', fields: ['error', 'op'], advice: fault },
};
