/**
 * What a connected client's events lead to. They begin in the order in which they came; each is checked by its
 * declaration, and acknowledged when its client asked for that.
 */

import type { JsonObject } from '../../contract/checking/json-text.ts';
import type { EventDialect, EventSession } from '../../contract/sockets/event-socket.ts';
import { frameSpan } from '../../contract/sockets/frame-span.ts';
import { overloaded } from '../../domain/limiting/overload.ts';
import { limits } from '../../domain/limits.ts';
import { Problem } from '../../domain/problem.ts';
import type { Clock } from '../../ports/clock.ts';
import type { RateLimiter } from '../../ports/limits/rate-limiter.ts';
import type { Logger } from '../../ports/logger.ts';
import type { HeldPeer } from './event-peer.ts';
import { ackFrame, type SentEvent } from './packets.ts';
import { isReadyInTime } from './ready-in-time.ts';
import type { KnownEvent } from './vocabularies.ts';

export interface SessionWorld {
  readonly find: (name: string) => KnownEvent | undefined;
  readonly rates: RateLimiter;
  readonly logger: Logger;
  readonly clock: Clock;
}

export class ClientSession {
  /** Of the first dialect. */
  readonly ready: Promise<Problem | null>;
  readonly #world: SessionWorld;
  /** The client as another dialect sees it. */
  readonly #newPeer: () => HeldPeer;
  #dialect: EventDialect;
  #peer: HeldPeer;
  /** Null once it was ended. */
  #session: EventSession | null;
  /** No event has told yet which API a client speaks that did not say so itself. */
  #isUnsettled: boolean;
  /** Events that wait until another dialect has the socket; null: they run at once. */
  #waiting: SentEvent[] | null = null;
  #pending = 0;
  #isOver = false;

  /** `auth`: what the client said; null: it did not say which API it speaks. */
  constructor(world: SessionWorld, dialect: EventDialect, auth: JsonObject | null, newPeer: () => HeldPeer) {
    this.#world = world;
    this.#newPeer = newPeer;
    this.#dialect = dialect;
    this.#isUnsettled = auth === null;
    this.#peer = newPeer();
    this.#session = dialect.accept(this.#peer, auth ?? {});
    this.ready = this.#session.ready;
  }

  take(sent: SentEvent): void {
    if (this.#isOver) return;
    if (this.#waiting === null) return this.#begin(sent);
    if (this.#waiting.length >= limits.framesInFlightPerSocketMax)
      this.#refuse(sent, overloaded('frames_of_socket'));
    else this.#waiting.push(sent);
  }

  /** The client is gone. */
  end(saidGoodbye: boolean): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#waiting = null;
    this.#leave(saidGoodbye);
  }

  #leave(saidGoodbye: boolean): void {
    const session = this.#session;
    this.#session = null;
    try {
      session?.end(saidGoodbye);
    } catch (error) {
      this.#world.logger.error({ error }, 'A session could not be ended');
    }
    this.#peer.over();
  }

  #begin(sent: SentEvent): void {
    const known = this.#world.find(sent.name);
    if (known !== undefined && this.#isUnsettled) {
      this.#isUnsettled = false;
      if (known.dialect !== this.#dialect) return void this.#handOver(known.dialect, sent);
    }
    if (known === undefined || known.dialect !== this.#dialect) {
      return this.#refuse(sent, this.#tooOften('write') ?? new Problem('unknown_op'));
    }
    const problem = this.#tooOften(known.event.rate ?? 'write') ?? this.#problemOf(sent, known);
    if (problem !== null) return this.#refuse(sent, problem);
    this.#run(sent, known);
  }

  #tooOften(rateClass: NonNullable<KnownEvent['event']['rate']>): Problem | null {
    return this.#world.rates.take(this.#peer.principal, this.#peer, rateClass);
  }

  #problemOf({ problem, argument }: SentEvent, { check }: KnownEvent): Problem | null {
    if (problem !== null) return problem;
    if (this.#pending >= limits.framesInFlightPerSocketMax) return overloaded('frames_of_socket');
    return check.accepts(argument) ? null : check.refusal(argument);
  }

  #run(sent: SentEvent, { event }: KnownEvent): void {
    const finish = (result: unknown): void => {
      if (result instanceof Problem) this.#refuse(sent, result);
      else this.#acknowledge(sent, result);
    };
    const fail = (error: unknown): void => {
      this.#world.logger.error({ error, event: event.name }, 'An event could not be handled');
      this.#refuse(sent, new Problem('internal'));
    };
    try {
      const { tracing } = this.#peer;
      const run = (): unknown => event.run(this.#session as never, sent.argument as never);
      const result = tracing.isOn ? tracing.run(frameSpan({ op: event.name }, this.#peer), run) : run();
      if (!(result instanceof Promise)) return finish(result);
      this.#pending += 1;
      void result
        .finally(() => {
          this.#pending -= 1;
        })
        .then(finish, fail)
        .catch(fail)
        .catch((error) => {
          this.#world.logger.error({ error, event: event.name }, 'A refusal could not be told');
        });
    } catch (error) {
      fail(error);
    }
  }

  #refuse(sent: SentEvent, problem: Problem): void {
    this.#peer.refused(problem);
    if (this.#session !== null) this.#dialect.tellRefusal?.(this.#session, problem, sent.name);
    if (sent.ackId !== null) this.#acknowledge(sent, this.#dialect.refuseEvent(problem, sent.name));
  }

  #acknowledge({ ackId }: SentEvent, value: unknown): void {
    if (ackId !== null) this.#peer.send(ackFrame(ackId, value));
  }

  /** The first session is ended before the other one begins, and that is ready before the event runs. */
  async #handOver(dialect: EventDialect, first: SentEvent): Promise<void> {
    const waiting = [first];
    this.#waiting = waiting;
    this.#leave(false);
    this.#dialect = dialect;
    this.#peer = this.#newPeer();
    try {
      const session = dialect.accept(this.#peer, {});
      this.#session = session;
      if (!(await isReadyInTime(session, this.#world.clock))) return this.#peer.close('restarting');
      // Whatever comes while these run comes behind them: running one begins no turn.
      this.#waiting = null;
      if (!this.#isOver) for (const sent of waiting) this.#begin(sent);
    } catch (error) {
      this.#world.logger.error({ error }, 'A socket could not be handed over');
      this.#peer.close('restarting');
    }
  }
}
