/** Clients that watch what agents do. */
import { type SocketEvent, socketEvent } from '../../../contract/sockets/event-socket.ts';
import { limits } from '../../../domain/limits.ts';
import { Problem } from '../../../domain/problem.ts';
import { isRecord } from '../fields.ts';
import type { ElizaSession } from './eliza-session.ts';
import { isLevel, type LogFilters } from './log-subscription.ts';
import { Done, LogFiltersArgument, NoArgument } from './wire.ts';

const done = { success: true };

const subscribe = socketEvent(
  {
    name: 'subscribe_logs',
    summary: 'Hears what the agents of the tenant do: log_stream and logEntry.',
    schema: NoArgument,
    ack: Done,
    rate: 'read',
    example: { argument: {}, ack: done },
  },
  (session: ElizaSession) => {
    const refused = session.logs.start();
    if (refused !== null) return refused;
    const message = 'Successfully subscribed to log stream';
    session.send('log_subscription_confirmed', { subscribed: true, message });
    return done;
  },
);

const unsubscribe = socketEvent(
  {
    name: 'unsubscribe_logs',
    summary: 'Hears no more of it.',
    schema: NoArgument,
    ack: Done,
    rate: 'read',
    example: { argument: {}, ack: done },
  },
  (session: ElizaSession) => {
    session.logs.stop();
    const message = 'Successfully unsubscribed from log stream';
    session.send('log_subscription_confirmed', { subscribed: false, message });
    return done;
  },
);

const filter = socketEvent(
  {
    name: 'update_log_filters',
    summary: 'Hears only of one agent, or only what is serious enough.',
    schema: LogFiltersArgument,
    ack: Done,
    rate: 'read',
    example: { argument: { agentName: 'Eliza', level: 'warn' }, ack: done },
  },
  (session: ElizaSession, argument) => {
    const changes = decodeFilters(argument);
    const error =
      changes instanceof Problem
        ? changes.message
        : session.logs.isOpen
          ? null
          : 'Client not subscribed to logs';
    if (error !== null || changes instanceof Problem) {
      session.send('log_filters_updated', { success: false, error });
      return done;
    }
    session.logs.filter(changes);
    session.send('log_filters_updated', { success: true, filters: session.logs.filters });
    return done;
  },
);

function decodeFilters(argument: unknown): Partial<LogFilters> | Problem {
  if (!isRecord(argument)) return new Problem('invalid_request', 'Filters are an object.');
  const { agentName, level } = argument;
  const isName = typeof agentName === 'string' && agentName.length <= limits.nameCharsMax;
  if (agentName !== undefined && !isName) return new Problem('invalid_request', 'agentName must be a text.');
  if (level !== undefined && !(typeof level === 'string' && isLevel(level))) {
    return new Problem('invalid_request', 'level must be the name of a level, or all.');
  }
  return {
    ...(isName ? { agentName } : {}),
    ...(typeof level === 'string' ? { level } : {}),
  };
}

export const logEvents: readonly SocketEvent[] = [subscribe, unsubscribe, filter];
