/**
 * One messaging socket (vero.md §8): it says who it is in the handshake, or by its first frame.
 *
 *   anonymous -> (auth within 5 s) -> ready -> closed
 *   known by the handshake -> ready -> closed
 */

import { decodeJson, isText, type Json } from '../../../../contract/checking/json-text.ts';
import { BadFrames } from '../../../../contract/sockets/bad-frames.ts';
import {
  type FrameAnswer,
  isRefused,
  type ReadFrame,
  type RefusedFrame,
} from '../../../../contract/sockets/frame.ts';
import { frameSpan } from '../../../../contract/sockets/frame-span.ts';
import type { SocketContext, SocketConversation, SocketPeer } from '../../../../contract/sockets/socket.ts';
import type { LiveBus, LiveSession } from '../../../../core/bus.ts';
import type { ConversationId } from '../../../../domain/ids.ts';
import { overloaded } from '../../../../domain/limiting/overload.ts';
import { limits } from '../../../../domain/limits.ts';
import { Problem } from '../../../../domain/problem.ts';
import { formatMicros } from '../../../../domain/time.ts';
import type { Clock } from '../../../../ports/clock.ts';
import type { Authenticator } from '../../../../ports/identity/identity-authenticator.ts';
import type { RateLimiter } from '../../../../ports/limits/rate-limiter.ts';
import type { Logger } from '../../../../ports/logger.ts';
import { errorOf } from '../../refuse.ts';
import type { Devices } from './devices.ts';
import type { Told } from './told.ts';

export interface ConnectionWorld {
  readonly live: LiveBus;
  readonly devices: Devices;
  readonly authenticator: Pick<Authenticator, 'authenticate'>;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly rates: RateLimiter;
  readonly read: (value: Json) => ReadFrame<VeroConnection> | RefusedFrame;
}

export class VeroConnection implements SocketConversation {
  readonly world: ConnectionWorld;
  readonly peer: SocketPeer;
  readonly context: SocketContext;
  /** Conversations that it follows -> what it was told of them. */
  readonly followed = new Map<ConversationId, Told>();
  #session: LiveSession | null = null;
  #cancelWait: () => void = () => undefined;
  /** With those that came too fast. */
  readonly #bad = new BadFrames();
  /** Frames whose answer is pending. */
  #pending = 0;
  /** The end of the frames that must be dealt with one after the other. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(world: ConnectionWorld, peer: SocketPeer) {
    this.world = world;
    this.peer = peer;
    this.context = peer.context;
    if (peer.principal === null) {
      this.#cancelWait = world.clock.after(limits.helloWaitMs, () => peer.close('unauthenticated'));
      return;
    }
    this.#begin(peer.principal);
    this.#sendReady();
  }

  /** Set once it is known who it is: other frames than auth run only then. */
  get session(): LiveSession {
    if (this.#session === null) throw new Error('a frame ran before auth');
    return this.#session;
  }

  /** Of the present moment, as clients are told of it. */
  get now(): string {
    return formatMicros(this.world.clock.nowMicros());
  }

  /** Says who it is, or that it still is; a wrong token ends an anonymous socket. */
  async authenticate(token: string): Promise<Problem | null> {
    const principal = await this.world.authenticator.authenticate({ messagingToken: token });
    const session = this.#session;
    if (principal instanceof Problem) {
      const isGuess = principal.code === 'unauthenticated';
      const tooMany = isGuess ? this.world.rates.take(null, this.peer, 'refused') : null;
      const mayAskAgain = principal.code === 'unavailable' || principal.code === 'overloaded';
      if (session === null && !mayAskAgain)
        this.#closeLater(principal.code === 'suspended' ? 'suspended' : 'unauthenticated');
      return tooMany ?? principal;
    }
    if (!this.peer.isOpen) return null;
    if (session === null) {
      const refused = this.peer.identify(principal);
      if (refused !== null) {
        this.#closeLater('unauthenticated');
        return refused;
      }
      this.#begin(principal);
    } else if (principal.id !== session.principal.id || principal.tenant !== session.principal.tenant) {
      return new Problem('forbidden', 'This socket belongs to another principal.');
    }
    this.#sendReady();
    return null;
  }

  onFrame(bytes: ArrayBuffer): void {
    const value = decodeJson(bytes);
    if (value instanceof Problem) return this.#refuseBad(value, refOfRefused(bytes));
    const ref = refOf(value);
    const read = this.world.read(value);
    if (isRefused(read)) return this.#refuseBad(read.problem, ref);
    const { frame, fields } = read;
    if (this.#session === null && frame.op !== 'auth') {
      this.refuse(new Problem('unauthenticated', 'The first frame must be auth.'), ref);
      return this.peer.close('unauthenticated');
    }
    const { rates } = this.world;
    const tooMany =
      this.#session === null ? null : rates.take(this.#session.principal, this.peer, frame.rate ?? 'write');
    // Whoever goes on is ended like whoever sends garbage.
    if (tooMany !== null) return this.#refuseBad(tooMany, ref);
    if (this.#pending >= limits.framesInFlightPerSocketMax)
      return this.refuse(overloaded('frames_of_socket'), ref);
    const { tracing } = this.peer;
    const answer = tracing.isOn
      ? tracing.run(frameSpan(frame, this.peer), () => frame.run(this, fields, null))
      : frame.run(this, fields, null);
    if (!(answer instanceof Promise)) return this.#answer(answer, ref);
    this.#pending += 1;
    void answer
      .catch((error: unknown) => {
        this.world.logger.error({ error, op: frame.op }, 'A frame could not be handled');
        return new Problem('internal');
      })
      .then((result) => {
        this.#pending -= 1;
        this.#answer(result, ref);
      });
  }

  onClosed(): void {
    this.#cancelWait();
    const session = this.#session;
    if (session === null) return;
    this.world.devices.leave(session);
    this.world.live.end(session);
  }

  /** What follows and ends following takes turns, so that the last one said counts. */
  inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#turn.then(work);
    this.#turn = done.catch(() => undefined);
    return done;
  }

  tell(frame: object): void {
    this.peer.send(JSON.stringify(frame));
  }

  /** The payload of an error is a sentence: clients show it as it is. */
  refuse(problem: Problem, ref?: string): void {
    this.peer.refused(problem);
    const { message, ...words } = errorOf(problem);
    const text = problem.code === 'internal' ? 'Something went wrong on our side.' : message;
    const { retryAfterMs } = problem;
    const retry = retryAfterMs === undefined ? {} : { retry_after_ms: retryAfterMs };
    this.tell({ type: 'error', payload: text, ...words, ...(ref === undefined ? {} : { ref }), ...retry });
  }

  #answer(result: FrameAnswer, ref: string | undefined): void {
    if (result instanceof Problem) this.refuse(result, ref);
    else if (typeof result === 'object' && result !== null) this.tell(result);
  }

  #begin(principal: LiveSession['principal']): void {
    this.#cancelWait();
    const { live, devices } = this.world;
    const session = live.begin(principal, this.peer, devices.wordingFor(principal), this.context.env);
    this.#session = session;
    if (!devices.join(session, this.context.env)) return;
    live.presence(session, { status: 'online' }).catch((error: unknown) => {
      this.world.logger.error({ error }, 'Presence could not be told');
    });
  }

  #sendReady(): void {
    const { id, sid } = this.session.principal;
    const payload = {
      ...{ user_id: id, session_id: sid },
      ...{ heartbeat_sec: limits.heartbeatSec, server_time: this.now },
    };
    this.tell({ type: 'ready', payload });
  }

  /** After the error is on its way. */
  #closeLater(reason: 'unauthenticated' | 'suspended'): void {
    this.world.clock.after(0, () => this.peer.close(reason));
  }

  #refuseBad(problem: Problem, ref?: string): void {
    this.refuse(problem, ref);
    const bad = this.#bad.add(this.world.clock.monotonicMs());
    if (bad >= limits.badFramesPerMinuteMax) this.peer.close('too_many_bad_frames');
  }
}

/** Of a frame whose JSON is refused for what stands in it: a client that cut a sign in two learns which message it was. */
function refOfRefused(bytes: ArrayBuffer): string | undefined {
  try {
    const ref = refOf(JSON.parse(new TextDecoder().decode(bytes)) as Json);
    return ref === undefined || !isText(ref) ? undefined : ref;
  } catch {
    return undefined;
  }
}

/** What an error is about, as the client named it itself. */
function refOf(value: Json): string | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  for (const name of ['client_message_id', 'ref', 'id', 'conversation_id']) {
    const ref = value[name];
    if (typeof ref === 'string' && ref.length <= limits.clientIdCharsMax) return ref;
  }
  return undefined;
}
