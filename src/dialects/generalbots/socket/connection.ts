/**
 * One raw socket. It is bound to a session, which may begin with its first message, and sits in as many others as
 * its frames name: a seat for each.
 *
 *   bound -> (first message begins the session) -> seated -> closed
 */

import { decodeJson, type Json } from '../../../contract/checking/json-text.ts';
import { BadFrames } from '../../../contract/sockets/bad-frames.ts';
import {
  type FrameAnswer,
  isRefused,
  type ReadFrame,
  type RefusedFrame,
} from '../../../contract/sockets/frame.ts';
import { frameSpan } from '../../../contract/sockets/frame-span.ts';
import type { SocketConversation, SocketPeer } from '../../../contract/sockets/socket.ts';
import type { LiveBus, LiveSession, Wording } from '../../../core/bus.ts';
import type { CommandContext } from '../../../domain/command.ts';
import { overloaded } from '../../../domain/limiting/overload.ts';
import { limits } from '../../../domain/limits.ts';
import { Problem } from '../../../domain/problem.ts';
import { formatMicros } from '../../../domain/time.ts';
import type { RateLimiter } from '../../../ports/limits/rate-limiter.ts';
import type { Logger } from '../../../ports/logger.ts';
import { type ChatDeps, isGuest } from '../deps.ts';
import { errorOf } from '../refuse.ts';
import { type Admitted, type Bound, begin, findSession } from './admission.ts';
import { type Seat, wordingOf } from './wording.ts';

export interface SocketWorld {
  readonly chat: ChatDeps;
  readonly live: LiveBus;
  readonly logger: Logger;
  readonly rates: RateLimiter;
  readonly read: (value: Json) => ReadFrame<BotConnection> | RefusedFrame;
  /** A name that no wording has had. */
  readonly newName: () => string;
}

/** A session that the socket follows. */
export interface Seated {
  readonly bound: Bound;
  readonly seat: Seat;
  readonly live: LiveSession;
}

/** The placeholder of the documents (`session-123`): no session has such an id, it means the socket's own. */
const placeholder = /^session-\d+$/;

export class BotConnection implements SocketConversation {
  readonly world: SocketWorld;
  readonly peer: SocketPeer;
  readonly streams: boolean;
  readonly #admitted: Admitted;
  /** By session id. */
  readonly #seats = new Map<string, Seated>();
  /** So that who showed a credential is revoked before it sits anywhere. */
  readonly #idle: LiveSession;
  #own: Bound;
  /** The end of the frames that are dealt with one after the other. */
  #turn: Promise<unknown>;
  #pending = 0;
  /** With those that came too fast. */
  readonly #bad = new BadFrames();

  constructor(world: SocketWorld, peer: SocketPeer, admitted: Admitted) {
    this.world = world;
    this.peer = peer;
    this.streams = admitted.streams;
    this.#admitted = admitted;
    this.#own = admitted.bound;
    const { clock } = world.chat;
    const nobody = { session: '', user: '', isStreaming: false, own: new Set<string>() };
    const silent = wordingOf(world.newName(), nobody, clock);
    this.#idle = world.live.begin(admitted.shown ?? admitted.bound.principal, peer, silent);
    this.tell(this.#greeting());
    this.#turn = admitted.bound.isBegun ? this.#sitDown(admitted.bound) : Promise.resolve();
  }

  get context(): Partial<CommandContext> {
    const { env, dataClass, policyRef } = this.peer.context;
    return { env, dataClass, policyRef };
  }

  get now(): string {
    return formatMicros(this.world.chat.clock.nowMicros());
  }

  onFrame(bytes: ArrayBuffer): void {
    const value = decodeJson(bytes);
    if (value instanceof Problem) return this.#refuseBad(value, undefined);
    const clientId = clientIdOf(value);
    const read = this.world.read(typed(value));
    if (isRefused(read)) return this.#refuseBad(read.problem, clientId);
    const { frame, fields } = read;
    const tooMany = this.world.rates.take(this.#idle.principal, this.peer, frame.rate ?? 'write');
    if (tooMany !== null) return this.#refuseBad(tooMany, clientId);
    if (this.#pending >= limits.framesInFlightPerSocketMax)
      return this.refuse(overloaded('frames_of_socket'), clientId);
    const { tracing } = this.peer;
    const answer = tracing.isOn
      ? tracing.run(frameSpan(frame, this.peer), () => frame.run(this, fields, null))
      : frame.run(this, fields, null);
    if (!(answer instanceof Promise)) return this.#answer(answer, clientId);
    this.#pending += 1;
    void answer.catch(this.#failed).then((result) => {
      this.#pending -= 1;
      this.#answer(result, clientId);
    });
  }

  onClosed(): void {
    const { live } = this.world;
    for (const seated of this.#seats.values()) live.end(seated.live);
    this.#seats.clear();
    live.end(this.#idle);
  }

  /** What it names, in which what comes next is said; messages take turns, so that the first one said is the first. */
  inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#turn.then(work);
    this.#turn = done.catch(() => undefined);
    return done;
  }

  /** The seat that a frame means, taken now if it is not yet; to be called in turn. */
  async seatOf(named: string | null | undefined): Promise<Seated | Problem> {
    const session = this.#sessionNamed(named);
    const known = this.#seats.get(session);
    if (known !== undefined) return known;
    if (session === this.#own.session) return await this.#begin();
    if (this.#seats.size >= limits.chatAttachedMax)
      return new Problem('forbidden', `A socket follows ${limits.chatAttachedMax} sessions.`);
    const found = await findSession(
      this.world.chat,
      { shown: this.#admitted.shown, env: this.peer.context.env },
      session,
    );
    return found instanceof Problem ? found : await this.#sit(found);
  }

  /** Whether a frame means the session that the socket is bound to. */
  isOwn(named: string | null | undefined): boolean {
    return this.#sessionNamed(named) === this.#own.session;
  }

  /** The seat in that session, if it is taken. */
  seated(): Seated | null {
    return this.#seats.get(this.#own.session) ?? null;
  }

  tell(frame: object): void {
    this.peer.send(JSON.stringify(frame));
  }

  refuse(problem: Problem, clientId: string | undefined): void {
    this.peer.refused(problem);
    const { error, message } = errorOf(problem);
    // What is wrong with a frame is wrong with the message.
    const code = error === 'invalid_request' ? 'invalid_message' : error;
    const { retryAfterMs } = problem;
    this.tell({
      ...{ type: 'error', code, message },
      ...(clientId === undefined ? {} : { client_message_id: clientId }),
      ...(retryAfterMs === undefined ? {} : { retry_after_ms: retryAfterMs }),
    });
  }

  #sessionNamed(named: string | null | undefined): string {
    const isOwn = named == null || named === '' || placeholder.test(named);
    return isOwn ? this.#own.session : named.toLowerCase();
  }

  /** The session of the socket begins with its first message. */
  async #begin(): Promise<Seated | Problem> {
    const { chat } = this.world;
    if (!this.#own.isBegun) {
      const { address } = this.peer;
      const { refused } = isGuest(this.#own.principal)
        ? chat.windows.take({ address }, 'guest-session')
        : { refused: null };
      const begun = refused ?? (await begin(chat, this.#own, this.context));
      if (begun instanceof Problem) return begun;
      this.#own = begun;
    }
    return await this.#sit(this.#own);
  }

  /** Who only listens learns that there is nothing to hear yet: its next message tries again. */
  async #sitDown(bound: Bound): Promise<void> {
    const seated = await this.#sit(bound);
    if (seated instanceof Problem) this.refuse(seated, undefined);
  }

  async #sit(bound: Bound): Promise<Seated | Problem> {
    const { live, chat, newName } = this.world;
    if (!this.peer.isOpen) return new Problem('not_found');
    const { principal, session } = bound;
    const seat = { session, user: principal.id, isStreaming: this.streams, own: new Set<string>() };
    const wording = wordingOf(newName(), seat, chat.clock);
    const seated = { bound, seat, live: live.begin(principal, this.peer, wording, this.peer.context.env) };
    this.#seats.set(session, seated);
    const problem = await this.#follow(seated, wording).catch(this.#failed);
    if (problem === null) return seated;
    this.#seats.delete(session);
    live.end(seated.live);
    return problem;
  }

  async #follow({ bound, live }: Seated, wording: Wording): Promise<Problem | null> {
    const { conversation } = bound;
    let problem: Problem | null = null;
    await this.world.live.open(live, [{ conversation, after: null }], (opened, refused) => {
      problem = refused[0]?.problem ?? null;
      for (const view of opened) {
        for (const { messageId, run, from, index, text, author } of view.drafts) {
          const delta = { conversation, message_id: messageId, run, from, index, text };
          const frame = wording.delta(delta, author, view);
          if (frame !== null) this.peer.send(frame);
        }
      }
    });
    return problem;
  }

  #greeting(): object {
    const { principal, session, conversation, bot } = this.#own;
    const { guest } = this.#admitted;
    return {
      ...{ type: 'connected', session_id: session, conversation_id: conversation },
      ...{ user_id: principal.id, bot_id: bot, message: 'Connected to bot server', tools: [] },
      ...(guest === null ? {} : { access_token: guest.token, expires_at: formatMicros(guest.expiresAt) }),
    };
  }

  readonly #failed = (error: unknown): Problem => {
    this.world.logger.error({ error }, 'A frame could not be handled');
    return new Problem('internal');
  };

  #answer(result: FrameAnswer, clientId: string | undefined): void {
    // Whoever goes on in spite of a limit is ended like whoever sends garbage.
    if (result instanceof Problem && result.code === 'rate_limited') this.#refuseBad(result, clientId);
    else if (result instanceof Problem) this.refuse(result, clientId);
    else if (typeof result === 'object' && result !== null) this.tell(result);
  }

  #refuseBad(problem: Problem, clientId: string | undefined): void {
    this.refuse(problem, clientId);
    const bad = this.#bad.add(this.world.chat.clock.monotonicMs());
    if (bad >= limits.badFramesPerMinuteMax) this.peer.close('too_many_bad_frames');
  }
}

/** The official client's frames say what they are by `message_type`: they are messages. */
function typed(value: Json): Json {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return value['type'] === undefined && value['message_type'] !== undefined
    ? { ...value, type: 'message' }
    : value;
}

function clientIdOf(value: Json): string | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  const id = value['client_message_id'];
  return typeof id === 'string' && id.length <= limits.clientIdCharsMax ? id : undefined;
}
