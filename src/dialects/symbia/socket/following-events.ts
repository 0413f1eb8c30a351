/** Which conversations a client hears: its own by itself, others that it may observe. */
import { hasScope } from '../../../domain/principal.ts';
import { Problem } from '../../../domain/problem.ts';
import { noConversation, say } from '../wording.ts';
import { done, notIn, type SymbiaEvent, symbiaEvent } from './symbia-event.ts';
import { ConversationArgument, Done } from './wire.ts';

const example = { argument: '01936f2c-7f00-7000-8000-000000000001', ack: done };

const join = symbiaEvent(
  {
    name: 'join:conversation',
    summary: 'Hears a conversation of its own again; those that one is in are joined by themselves.',
    schema: ConversationArgument,
    ack: Done,
    rate: 'read',
    example,
  },
  { hidden: notIn, failed: 'Failed to join' },
  async (session, argument) => {
    const at = session.at(argument);
    if (at instanceof Problem) return at;
    const state = await session.stateAsParticipant(at);
    if (state instanceof Problem) return state;
    session.watched.delete(at.id);
    return (await session.open(at.id)) ?? done;
  },
);

const leave = symbiaEvent(
  {
    name: 'leave:conversation',
    summary: 'Hears no more of a conversation on this socket, until it joins again; one stays in it.',
    schema: ConversationArgument,
    ack: Done,
    rate: 'read',
    example,
  },
  { hidden: notIn, failed: 'Failed to leave' },
  (session, argument) => {
    const at = session.at(argument);
    if (at instanceof Problem) return at;
    session.watched.delete(at.id);
    session.live.close(session.own, at.id);
    return done;
  },
);

const watch = symbiaEvent(
  {
    name: 'watch:conversation',
    summary: 'Hears a conversation of the tenant without being in it (agents with cap:messaging.observe).',
    schema: ConversationArgument,
    ack: Done,
    rate: 'read',
    example,
  },
  { hidden: noConversation, failed: 'Failed to watch' },
  async (session, argument) => {
    const { principal } = session;
    if (principal.kind === 'user' || !hasScope(principal, 'cap:messaging.observe')) {
      return say(['forbidden', 'Observe capability required']);
    }
    const at = session.at(argument);
    if (at instanceof Problem) return at;
    const found = await session.bus.stateFor(principal, at.id, at.env);
    if (found instanceof Problem) return found;
    const refused = await session.open(at.id);
    if (refused !== null) return refused;
    if (!found.state.participants.has(principal.id)) session.watched.add(at.id);
    return done;
  },
);

const unwatch = symbiaEvent(
  {
    name: 'unwatch:conversation',
    summary: 'Ends what watch:conversation began; a conversation that one is in is heard on.',
    schema: ConversationArgument,
    ack: Done,
    rate: 'read',
    example,
  },
  { hidden: noConversation, failed: 'Failed to unwatch' },
  (session, argument) => {
    const at = session.at(argument);
    if (at instanceof Problem) return at;
    if (session.watched.delete(at.id)) session.live.close(session.own, at.id);
    return done;
  },
);

export const followingEvents: readonly SymbiaEvent[] = [join, leave, watch, unwatch];
