/**
 * One native socket: hello, then frames.
 *
 *   anonymous -> (hello with a token within 5 s) -> authenticated -> closed
 *   authenticated by the handshake -> closed
 */

import { decodeJson, isText, type Json } from '../../contract/checking/json-text.ts';
import { BadFrames } from '../../contract/sockets/bad-frames.ts';
import {
  type FrameAnswer,
  isRefused,
  type ReadFrame,
  type RefusedFrame,
} from '../../contract/sockets/frame.ts';
import { frameSpan } from '../../contract/sockets/frame-span.ts';
import type { SocketContext, SocketConversation, SocketPeer } from '../../contract/sockets/socket.ts';
import type { LiveBus, LiveSession } from '../../core/bus.ts';
import type { NodeId } from '../../domain/ids.ts';
import { overloaded } from '../../domain/limiting/overload.ts';
import type { RateClass } from '../../domain/limiting/rates.ts';
import { limits } from '../../domain/limits.ts';
import type { Principal } from '../../domain/principal.ts';
import { Problem } from '../../domain/problem.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Authenticator } from '../../ports/identity/identity-authenticator.ts';
import type { RateLimiter } from '../../ports/limits/rate-limiter.ts';
import type { Logger } from '../../ports/logger.ts';
import type { Asker } from './asker.ts';
import { nativeWording, principalView, problemView } from './encode.ts';

export interface ConnectionWorld {
  readonly live: LiveBus;
  readonly authenticator: Authenticator;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly node: NodeId;
  readonly rates: RateLimiter;
  readonly read: (value: Json) => ReadFrame<NativeConnection> | RefusedFrame;
}

const badFrameCodes = new Set(['invalid_request', 'unknown_op']);

export class NativeConnection implements SocketConversation, Asker {
  readonly context: SocketContext;
  readonly world: ConnectionWorld;
  readonly peer: SocketPeer;
  #session: LiveSession | null = null;
  #cancelHello: () => void = () => undefined;
  readonly #bad = new BadFrames();
  /** Frames whose answer is pending. */
  #pending = 0;

  constructor(world: ConnectionWorld, peer: SocketPeer) {
    this.world = world;
    this.peer = peer;
    this.context = peer.context;
    if (peer.principal !== null) {
      this.#begin(peer.principal);
      peer.send(JSON.stringify({ hello: this.helloReply() }));
    } else {
      this.#cancelHello = world.clock.after(limits.helloWaitMs, () => peer.close('unauthenticated'));
    }
  }

  /** Set once authenticated: frames other than hello run only then. */
  get session(): LiveSession {
    if (this.#session === null) throw new Error('a frame ran before hello');
    return this.#session;
  }

  get principal(): Principal {
    return this.session.principal;
  }

  get isAuthenticated(): boolean {
    return this.#session !== null;
  }

  /** Proves who it is, or (again) that it still is. Null when it did; a wrong token ends an anonymous socket. */
  async authenticate(token: string): Promise<Problem | null> {
    const principal = await this.world.authenticator.authenticate({ bearer: token });
    if (principal instanceof Problem) {
      const isGuess = principal.code === 'unauthenticated';
      return (isGuess ? this.world.rates.take(null, this.peer, 'refused') : null) ?? principal;
    }
    const session = this.#session;
    if (session === null) {
      if (!this.peer.isOpen) return null;
      const refused = this.peer.identify(principal);
      if (refused === null) this.#begin(principal);
      return refused;
    }
    const isSame = principal.id === session.principal.id && principal.tenant === session.principal.tenant;
    if (!isSame) return new Problem('forbidden', 'This socket belongs to another principal.');
    session.principal = principal;
    return null;
  }

  helloReply(): object {
    return {
      principal: principalView(this.session.principal),
      node: this.world.node,
      heartbeat_sec: limits.heartbeatSec,
      limits: {
        frame_bytes: limits.frameBytesMax,
        content_bytes: limits.contentBytesMax,
        metadata_bytes: limits.metadataBytesMax,
        delta_bytes: limits.deltaBytesMax,
        open_conversations: limits.openConversationsPerSocketMax,
      },
    };
  }

  onFrame(bytes: ArrayBuffer): void {
    const value = decodeJson(bytes);
    if (value instanceof Problem) return this.#refuseBad(readableId(bytes), value);
    const read = this.world.read(value);
    if (isRefused(read)) return this.#refuseBad(read.id, read.problem);
    const { frame, id } = read;
    if (!this.isAuthenticated && frame.op !== 'hello') {
      this.answer(id, new Problem('unauthenticated', 'The first frame must be hello.'));
      return this.peer.close('unauthenticated');
    }
    const tooMany = this.#session === null ? null : this.#tooOften(this.#session, frame.rate ?? 'write');
    if (tooMany !== null) return this.answer(id, tooMany);
    if (this.#pending >= limits.framesInFlightPerSocketMax)
      return this.answer(id, overloaded('frames_of_socket'));
    const { tracing } = this.peer;
    const answer = tracing.isOn
      ? tracing.run(
          frameSpan(
            frame,
            { principal: this.#session?.principal ?? null },
            (read.fields as { trace?: unknown }).trace,
          ),
          () => frame.run(this, read.fields, id),
        )
      : frame.run(this, read.fields, id);
    const finish = (result: FrameAnswer): void => {
      if (typeof result === 'symbol' || (frame.reply === null && !(result instanceof Problem))) return;
      this.answer(id, result);
    };
    if (!(answer instanceof Promise)) return finish(answer);
    this.#pending += 1;
    const finishLater = (result: FrameAnswer): void => {
      this.#pending -= 1;
      finish(result);
    };
    answer.then(finishLater, (error: unknown) => {
      this.#pending -= 1;
      this.world.logger.error({ error, op: frame.op }, 'A frame could not be handled');
      this.answer(id, new Problem('internal'));
    });
  }

  onClosed(): void {
    this.#cancelHello();
    if (this.#session !== null) this.world.live.end(this.#session);
  }

  /** A reply to the frame with this id; without one, success is silent and a problem is still sent. */
  answer(id: string | null, result: object | null | Problem): void {
    if (result instanceof Problem) {
      this.peer.refused(result);
      const problem = problemView(result);
      this.peer.send(JSON.stringify(id === null ? { ok: false, problem } : { re: id, ok: false, problem }));
    } else if (id !== null) {
      this.peer.send(JSON.stringify({ re: id, ok: true, ...result }));
    }
  }

  #tooOften(session: LiveSession, rateClass: RateClass): Problem | null {
    return this.world.rates.take(session.principal, this.peer, rateClass);
  }

  #begin(principal: Principal): void {
    this.#cancelHello();
    this.#session = this.world.live.begin(principal, this.peer, nativeWording, this.context.env);
  }

  #refuseBad(id: string | null, problem: Problem): void {
    this.answer(id, problem);
    if (!badFrameCodes.has(problem.code)) return;
    const bad = this.#bad.add(this.world.clock.monotonicMs());
    if (bad > limits.badFramesPerMinuteMax) this.peer.close('too_many_bad_frames');
  }
}

/** The `id` of a frame whose text was refused (U+0000, too deep…), so that its asker does not wait for ever. */
function readableId(bytes: ArrayBuffer): string | null {
  try {
    const value: unknown = JSON.parse(new TextDecoder().decode(bytes));
    const id = typeof value === 'object' && value !== null && 'id' in value ? value.id : null;
    return typeof id === 'string' && id.length <= limits.frameIdCharsMax && isText(id) ? id : null;
  } catch {
    return null;
  }
}
