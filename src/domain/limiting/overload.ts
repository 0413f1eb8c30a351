/** What a node can have too much of: each refusal with `overloaded` says which bound was met, for metrics. */
import { Problem } from '../problem.ts';

/** Name of the bound, as the label `what` of parley_overloads_total has it -> what was full. */
export const overloads = {
  agent_answers: 'requests that wait for the answer of an agent',
  bodies: 'bytes of request bodies that are not whole yet',
  channels_of_socket: 'channels that one socket joins',
  channels_to_delete: 'channels of a message server that is deleted',
  chat_titles: 'titles that a model is asked for',
  command_texts: 'texts of waiting commands, together',
  command_waited: 'a command waited longer than anybody would',
  commands: 'commands that wait on this node',
  commands_of_conversation: 'commands that wait in one conversation',
  contention: 'others changed the same thing again and again',
  conversations_of_socket: 'conversations that one socket has open',
  credential_lookups: 'credentials that are looked up',
  data_keys: 'others made data keys of the same tenant again and again',
  drafts: 'messages that are being streamed',
  external_requests: 'requests to the identity service',
  forms: 'forms that are being read',
  frames_of_socket: 'frames of one socket that are not answered yet',
  head_checks: 'refusals and reads that wait for the head of a log',
  jobs: 'jobs that are under way',
  log: 'appends: nats-server takes less than it is given',
  log_pages: 'reads of logs that wait for their turn',
  logins: 'passwords that are to be verified',
  media_store: 'calls of the S3 store that are under way',
  nats_callouts: 'connections that nats-server asks about',
  nats_connections: 'NATS connections of one principal',
  nats_door: 'requests of services on NATS',
  nats_requests: 'requests that nats-server did not answer yet',
  open_replies: 'bytes of one answer that its reader does not take',
  requests: 'HTTP requests whose answer is pending',
  runs_of_conversation: 'runs that are open in one conversation',
  same_request: 'the same request is under way',
  sockets: 'sockets of the node, of an address or of a principal',
  speech: 'texts and recordings that wait for their turn',
  sql: 'statements that wait for a connection to PostgreSQL',
  surveys: 'counts over many conversations',
  thumbnails: 'pictures that wait for their turn',
  uploads: 'uploads that are under way',
} as const satisfies Readonly<Record<string, string>>;

export type Overload = keyof typeof overloads;

/** The one way to make such a refusal; whoever answers it counts it. */
export function overloaded(
  what: Overload,
  message?: string,
  detail?: { reason?: string; retryAfterMs?: number },
): Problem {
  return new Problem('overloaded', message, { ...detail, overload: what });
}
