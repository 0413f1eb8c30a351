/** `parley/client`: for browsers and Node. No Node built-ins, no packages. */
export { type ClientState, connect, ParleyClient, type StateChange } from './client.ts';
export type { Asking, Conversation, HistoryPage, Participants } from './conversation.ts';
export type { Conversations, ListPage } from './conversations.ts';
export type { Feed, FeedItem, Wished, Wishes } from './feed/feed.ts';
export type { ConnectOptions, TokenSource } from './options.ts';
export { ParleyProblem, type ParleyProblemCode } from './problem.ts';
export {
  type KeptSession,
  resumeSession,
  Session,
  type SessionOptions,
  signIn,
  signUp,
  type Tenant,
  type User,
} from './session.ts';
export type { WebSocketConstructor, WebSocketLike } from './socket/web-socket.ts';
export type { FinalFields, MessageStream, StreamOptions } from './streams/message-stream.ts';
export { uuidV7 } from './uuid-v7.ts';
export type * from './wire.ts';
