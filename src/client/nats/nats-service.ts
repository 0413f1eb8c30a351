/** Parley over a NATS connection of one's own: requests, and events without a gap. */
import { bounds } from '../bounds.ts';
import { pause } from '../pause.ts';
import { isDisconnected, isPassing, ParleyProblem, type ProblemFields, problemOf } from '../problem.ts';
import { pauseBefore } from '../socket/backoff.ts';
import { uuidV7 } from '../uuid-v7.ts';
import type { Event, NewMessage, Posted } from '../wire.ts';
import type { NatsConnection, NatsMessage } from './connection.ts';
import { followLive, type LiveOptions } from './follow-live.ts';
import { apiSubject, type LiveFilter, placeOf } from './subjects.ts';

/** The verbs of the service: the operations of the native protocol that answer. */
export type Verb =
  | 'create'
  | 'post'
  | 'edit'
  | 'delete'
  | 'react'
  | 'control'
  | 'history'
  | 'list'
  | 'read'
  | 'ping'
  | 'participants.add'
  | 'participants.remove'
  | 'participants.role';

export interface NatsReply {
  readonly [field: string]: unknown;
}

export interface LiveMessage {
  readonly event: Event;
  readonly tenant: string;
  readonly service: string | null;
  readonly kind: string;
  /** `phi` and `secret` events have empty texts: open() fetches them. */
  readonly dataClass: string;
}

/** The event in a message of `live.>`. Throws for a message of another subject. */
export function decodeLive({ subject, data, headers }: NatsMessage): LiveMessage {
  const { tenant, service, kind } = placeOf(subject);
  const event = JSON.parse(new TextDecoder().decode(data)) as Event;
  return { event, tenant, service, kind, dataClass: headers?.get('Parley-Data-Class') || 'none' };
}

export class ParleyNats {
  readonly tenant: string;
  /** The principal of the token that the connection was made with. */
  readonly id: string;
  readonly #nats: NatsConnection;

  /** `nats`: connected with the API key as `token` and inboxPrefix(id) as `inboxPrefix`. */
  constructor(nats: NatsConnection, { tenant, id }: { readonly tenant: string; readonly id: string }) {
    this.#nats = nats;
    this.tenant = tenant;
    this.id = id;
  }

  /**
   * Asks a verb: same fields and replies as on the socket. Rejects with the problem as a ParleyProblem, and as
   * `disconnected` (with `isOutcomeUnknown`) when no answer came within `timeoutMs` (default 10 s).
   */
  async ask(verb: Verb, fields: object = {}, { timeoutMs: timeout = 10_000 } = {}): Promise<NatsReply> {
    const subject = apiSubject(this.tenant, this.id, verb);
    let answer: NatsMessage;
    try {
      answer = await this.#nats.request(subject, JSON.stringify(fields), { timeout });
    } catch (cause) {
      throw new ParleyProblem('disconnected', `No answer to ${verb}.`, { isOutcomeUnknown: true, cause });
    }
    const reply = JSON.parse(new TextDecoder().decode(answer.data)) as NatsReply;
    if (reply['ok'] === true) return reply;
    throw problemOf((reply['problem'] ?? {}) as ProblemFields);
  }

  /** Posts a message: once, by its client_id, which is made when it is not given. Safe to call again with the same one. */
  async post(conversation: string, message: string | NewMessage): Promise<Posted> {
    const fields = typeof message === 'string' ? { content: message } : message;
    return (await this.ask('post', { client_id: uuidV7(), ...fields, conversation })) as unknown as Posted;
  }

  /** Raw events after a position, in order, page by page. What is refused for the moment is asked again for a minute. */
  async *events(conversation: string, after = 0): AsyncGenerator<Event, void, undefined> {
    for (let position = after, hasMore = true; hasMore; ) {
      const fields = { conversation, after_position: position, limit: bounds.pageMax };
      const page = (await this.#askAgain('history', fields)) as unknown as {
        events: Event[];
        has_more: boolean;
      };
      yield* page.events;
      position = page.events.at(-1)?.position ?? position;
      hasMore = page.has_more && page.events.length > 0;
    }
  }

  async #askAgain(verb: Verb, fields: object): Promise<NatsReply> {
    const until = Date.now() + 2 * bounds.retryMs;
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.ask(verb, fields);
      } catch (error) {
        const waitMs = pauseBefore(attempt, error instanceof ParleyProblem ? error.retryAfterMs : undefined);
        const mayPass = isPassing(error) || isDisconnected(error);
        if (!mayPass || Date.now() + waitMs > until) throw error;
        await pause(waitMs);
      }
    }
  }

  /** The same event with its texts, where they are sealed on NATS (`phi`, `secret`). */
  async open(event: Event): Promise<Event> {
    if (!('sealed' in event.data) || event.data.sealed === undefined) return event;
    for await (const opened of this.events(event.conversation, event.position - 1)) return opened;
    return event;
  }

  /**
   * Committed events as they come, for a service that may observe. Each conversation from its first event that comes
   * on (or after `positions`) in order, without a gap and without a repetition, also over reconnects: what is missing
   * is read with `history`. With a `kind` only those, as they come: what a filter leaves out looks like a gap.
   */
  follow(filter: Omit<LiveFilter, 'tenant'> & LiveOptions = {}): AsyncGenerator<Event, void, undefined> {
    const { positions, signal, ...where } = filter;
    const options = {
      ...(positions === undefined ? {} : { positions }),
      ...(signal === undefined ? {} : { signal }),
    };
    return followLive(this.#nats, this, { ...where, tenant: this.tenant }, options);
  }
}
