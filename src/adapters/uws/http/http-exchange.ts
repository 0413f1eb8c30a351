/**
 * One request and its answer. uWebSockets.js ends the process when a response is used after it was
 * answered or aborted, or is left unanswered without an abort callback; so only this class touches it.
 *
 *   open --send()--> over      open --client went away--> over
 *   open --send() of a stream--> answering --last piece written, or client went away--> over
 */
import type { HttpResponse } from 'uWebSockets.js';
import type { Reply, ReplyStream } from '../../../contract/operation.ts';
import { Problem } from '../../../domain/problem.ts';
import { traceIdOf } from '../../../domain/trace-context.ts';
import type { Span, Tracing } from '../../../ports/tracing.ts';
import type { BodyTap } from '../streams/body-pieces.ts';
import { abandon, ReplyPump } from '../streams/reply-pump.ts';
import type { Timed } from './http-body.ts';
import { RequestState } from './http-context.ts';
import type { RequestHeaders } from './http-headers.ts';
import {
  type EncodedReply,
  encodeReply,
  problemHeaders,
  refuseByDefault,
  writeHead,
  writeReply,
} from './http-reply.ts';
import type { Route } from './http-router.ts';
import type { HttpWorld, Words } from './http-world.ts';

/** Status in metrics and logs of a request whose client went away. */
const abortedStatus = 499;

interface Answer {
  readonly response: HttpResponse;
  readonly reply: EncodedReply;
  readonly isHead: boolean;
  readonly closes: boolean;
}

// cork() runs its callback at once: what it writes waits here instead of in a closure.
let corked: Answer | null = null;

function writeCorked(): void {
  if (corked !== null) writeReply(corked.response, corked.reply, corked.isHead, corked.closes);
}

export class Exchange implements Timed, BodyTap {
  readonly state: RequestState;
  readonly startedMs: number;
  readonly isHead: boolean;
  /** Set when the path and method are known. */
  route: Route | null = null;
  /** How refusals are worded. */
  words: Words;
  /** Set to end the connection with the answer: what follows on it is not worth reading. */
  closes = false;
  /** Value of the Allow header of a 405. */
  allow: string | null = null;
  readonly #world: HttpWorld;
  readonly #response: HttpResponse;
  readonly #cors: Readonly<Record<string, string>> | null;
  #isOver = false;
  #isAnswering = false;
  #hasAbortCallback = false;
  #span: Span | null = null;
  #isTraced = false;
  /** The code of the problem that it is answered with. */
  #problem: string | null = null;
  /** Called once, when the request is over. */
  #onOver: (() => void) | null = null;

  constructor(world: HttpWorld, response: HttpResponse, headers: RequestHeaders, isHead: boolean) {
    this.#world = world;
    this.#response = response;
    const { cors } = world;
    this.#cors = (headers.origin === '' ? null : cors.answerHeaders(headers.origin)) ?? cors.otherHeaders;
    this.words = world.defaultWords;
    this.isHead = isHead;
    this.startedMs = world.clock.monotonicMs();
    this.state = new RequestState(response, headers, world.arrival, world.newRequestId);
    world.inFlight.enter();
  }

  /** Begins the span of the request, with its caller if that is known; null: it is not recorded. */
  trace(tracing: Tracing): Span | null {
    if (this.#isTraced || this.route?.operation.isProbe === true) return this.#span;
    this.#isTraced = true;
    const { caller, requestId, traceparent: parent } = this.state;
    const { id, method, path } = this.route?.operation ?? { id: 'unknown', method: '', path: '' };
    const agoMs = this.#world.clock.monotonicMs() - this.startedMs;
    const who = caller === null ? {} : { tenant: caller.tenant, principal: caller.id };
    const facts = { 'http.request.method': method, 'http.route': path, request: requestId, ...who };
    this.#span = tracing.begin({ name: id, kind: 'server', parent, facts, agoMs });
    return this.#span;
  }

  /** Nothing that is sent now would arrive. */
  get isOver(): boolean {
    return this.#isOver || this.#isAnswering;
  }

  /** `run` is called once, when the request is over: answered, or its client gone. */
  onOver(run: () => void): void {
    this.#onOver = run;
  }

  pause(): void {
    if (!this.#isOver) this.#response.pause();
  }

  resume(): void {
    if (!this.#isOver) this.#response.resume();
  }

  /** Must be called before the route callback returns without an answer. */
  watchAbort(): void {
    if (this.#isOver || this.#hasAbortCallback) return;
    this.#hasAbortCallback = true;
    this.#response.onAborted(() => this.#finish(abortedStatus));
  }

  /** Reads the body piece by piece until it is whole, over, or the client is gone. */
  onData(take: (piece: ArrayBuffer, isLast: boolean) => void): void {
    this.watchAbort();
    this.#response.onData((piece, isLast) => {
      if (this.#isOver) return;
      try {
        take(piece, isLast);
      } catch (error) {
        this.fail(error);
      }
    });
  }

  /** Answers; a second answer, or one for a client that is gone, is dropped. */
  send(reply: Reply | Problem): void {
    if (!(reply instanceof Problem)) {
      this.#write(reply, this.#cors);
      return;
    }
    if (reply.code === 'internal') {
      this.#world.logger.error({ reason: reply.reason, ...this.#names() }, 'answered internal');
    }
    this.refuse(reply);
  }

  /** Answers with a refusal in the words of the dialect. */
  refuse(problem: Problem): void {
    if (this.isOver) return;
    this.#world.onRefused(problem);
    this.#problem = problem.code;
    this.#write(this.words.refuse(problem, this.state), {
      ...this.#cors,
      ...problemHeaders(problem, this.allow),
    });
  }

  /** Answers OPTIONS: what the path can do, and what a page of another origin may do with it. */
  sendPreflight(headers: Readonly<Record<string, string>> | null): void {
    this.#write({ status: 204 }, { ...headers, Allow: this.allow ?? '' });
  }

  /** The body took too long to come. */
  expire(): void {
    this.closes = true;
    try {
      this.refuse(new Problem('invalid_request', 'The body came too slowly.', { reason: 'body_too_slow' }));
    } catch (error) {
      this.fail(error);
    }
  }

  /** Answers a fault of ours: the client learns nothing but that there was one, the log the rest. */
  fail(error: unknown): void {
    this.#world.logger.error({ error, ...this.#names() }, 'request failed');
    if (this.isOver) return;
    try {
      this.refuse(new Problem('internal'));
    } catch (again) {
      this.#world.logger.error({ error: again, ...this.#names() }, 'refusal failed');
      if (!this.isOver) this.#write(refuseByDefault(new Problem('internal')), null);
    }
  }

  #write(reply: Reply, extra: Readonly<Record<string, string>> | null): void {
    const stream = reply.stream ?? null;
    const isRead = stream !== null && !this.isHead && !this.isOver;
    if (stream !== null && !isRead) abandon(stream.pieces[Symbol.asyncIterator]());
    if (this.isOver) return;
    const encoded = encodeReply(reply, this.words.headers, this.state, extra);
    if (isRead) {
      this.#openStream(encoded, stream);
      return;
    }
    const closes = this.closes || this.#world.inFlight.isDraining;
    this.#finish(encoded.status);
    corked = { response: this.#response, reply: encoded, isHead: this.isHead, closes };
    this.#response.cork(writeCorked);
    corked = null;
  }

  #openStream(encoded: EncodedReply, stream: ReplyStream): void {
    const pump = new ReplyPump(this.#response, stream);
    let leave = (): void => undefined;
    if (stream.lengthBytes === null) {
      const entered = this.#world.openReplies.enter(pump, callerKey(this.state));
      if (entered instanceof Problem) {
        abandon(stream.pieces[Symbol.asyncIterator]());
        this.refuse(entered);
        return;
      }
      leave = entered;
    }
    this.#writeStream(encoded, pump, leave);
  }

  #writeStream(encoded: EncodedReply, pump: ReplyPump, leave: () => void): void {
    this.#isAnswering = true;
    this.watchAbort();
    this.onOver(() => {
      leave();
      pump.abort();
    });
    pump
      .run(() => writeHead(this.#response, encoded))
      .catch((error: unknown) => {
        this.#isAnswering = pump.hasBegun;
        this.fail(error);
        return 'cut' as const;
      })
      .then((end) => {
        if (this.#isOver) return;
        if (end instanceof Problem) {
          leave();
          this.#isAnswering = false;
          this.send(end);
        } else if (end === 'whole') this.#finish(encoded.status);
        // What was promised cannot be sent: the client must not take it for whole. Calls the abort callback.
        else this.#response.close();
      })
      .catch((error: unknown) => this.fail(error));
  }

  #finish(status: number): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#onOver?.();
    const { clock, bodyDeadlines, inFlight, observe, logsRequests, logger, tracing } = this.#world;
    // Of a request that was refused at the door, too: by its token, its rate, its form.
    if (tracing.isOn && this.route !== null) this.trace(tracing);
    this.state.forgetResponse();
    bodyDeadlines.delete(this);
    inFlight.leave();
    if (this.#span !== null) endSpan(this.#span, status, this.#problem);
    const seconds = (clock.monotonicMs() - this.startedMs) / 1000;
    const operation = this.route?.operation ?? null;
    try {
      observe(operation, status, seconds);
      if (logsRequests) logger.debug({ ...this.#names(), status, seconds }, 'request');
    } catch (error) {
      // Who watches must not break what is watched.
      logger.error({ error, ...this.#names() }, 'observing a request failed');
    }
  }

  #names(): object {
    const { requestId, traceparent } = this.state;
    const known = this.#span?.traceparent ?? traceparent;
    const trace = known === null ? {} : { trace_id: traceIdOf(known) };
    return { request_id: requestId, ...trace, operation: this.route?.operation.id };
  }
}

/** As the conventions for HTTP have it: a client's error is none of the server. */
function endSpan(span: Span, status: number, problem: string | null): void {
  span.note({ 'http.response.status_code': status, ...(problem === null ? {} : { problem }) });
  span.end(status >= 500 ? String(status) : undefined);
}

/** Who is answered, for what each may have: a principal, or an address. */
function callerKey({ caller, address }: RequestState): string {
  return caller === null ? address : `${caller.tenant} ${caller.id}`;
}
