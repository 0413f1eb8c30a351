/** One conversation, by its id: what one can do there, and how it is followed. */
import { bounds } from './bounds.ts';
import type { Feed, Wished, Wishes } from './feed/feed.ts';
import type { Hub } from './feed/hub.ts';
import type { Link } from './socket/link.ts';
import type { MessageStream, StreamOptions } from './streams/message-stream.ts';
import type { OpenStreams } from './streams/open-streams.ts';
import { uuidV7 } from './uuid-v7.ts';
import type {
  ControlFields,
  Controlled,
  Cursor,
  Event,
  HistoryFields,
  NewMessage,
  NewParticipant,
  Opened,
  ParticipantRole,
  Placed,
  Posted,
  Priority,
  StreamControl,
} from './wire.ts';

export interface Asking {
  /** Gives up waiting; what was sent may be done all the same. */
  readonly signal?: AbortSignal;
}

/** A page of history, ascending. An edited message comes as it is now, with `edit_count` and `edited_at` in its data. */
export interface HistoryPage {
  readonly events: readonly Event[];
  readonly has_more: boolean;
}

/**
 * Every method rejects with a ParleyProblem. What may be asked twice (posts, reads) is asked again after a lost
 * connection; what may not (edits, reactions, control events, participants) rejects with `disconnected` then.
 */
export class Conversation {
  readonly id: string;
  readonly participants: Participants;
  readonly #link: Link;
  readonly #hub: Hub;
  readonly #streams: OpenStreams;

  constructor(id: string, link: Link, hub: Hub, streams: OpenStreams) {
    this.id = id;
    this.#link = link;
    this.#hub = hub;
    this.#streams = streams;
    this.participants = new Participants((op, fields, asking) => this.#ask(op, fields, asking));
  }

  /**
   * Posts a message, and answers when it is durable. It is sent again over as many connections as it takes, and is
   * stored once, by its client_id; rejects with what another attempt would only meet again (`conversation_paused`,
   * `run_preempted`, `forbidden`…), and with the signal's reason. Posts that do not wait for each other keep their
   * order over lost connections; when one is refused for the moment, those that are under way may come before it.
   * `retryMs`: for how long such refusals are tried again (default: for ever); the last one is what it rejects with.
   */
  async post(
    message: string | NewMessage,
    { signal, retryMs = Number.POSITIVE_INFINITY }: Asking & { readonly retryMs?: number } = {},
  ): Promise<Posted> {
    const fields = typeof message === 'string' ? { content: message } : message;
    const sent = { client_id: uuidV7(), ...fields, conversation: this.id };
    const how = { isRepeatable: true, retryMs, signal, place: this.id };
    return (await this.#link.request('post', sent, how)) as unknown as Posted;
  }

  /**
   * Begins a message that is written piece by piece: `write(text)`, then `end()`. Its signal is aborted as soon as a
   * control event stops it. Lost connections do not.
   */
  stream(options: StreamOptions = {}): MessageStream {
    return this.#streams.open(this, options);
  }

  /** Of an own message; `edit_count` counts its versions. */
  async edit(
    message: string,
    content: string,
    { metadata, signal }: Asking & { readonly metadata?: Readonly<Record<string, unknown>> } = {},
  ): Promise<Placed & { readonly edit_count: number }> {
    const fields = { message, content, ...(metadata === undefined ? {} : { metadata }) };
    return (await this.#ask('edit', fields, { signal })) as Placed & { readonly edit_count: number };
  }

  /** Erases the content; the message's id and seq stay. */
  async delete(message: string, asking?: Asking): Promise<Placed> {
    return (await this.#ask('delete', { message }, asking)) as Placed;
  }

  /** Sets a reaction, or takes it back. */
  async react(
    message: string,
    emoji: string,
    asking?: Asking,
  ): Promise<Placed & { readonly action: 'added' | 'removed' }> {
    return (await this.#ask('react', { message, emoji }, asking)) as Placed & {
      readonly action: 'added' | 'removed';
    };
  }

  /** Sends a control event: one of those below, or any `x.<name>`, which is recorded and delivered. */
  async control(
    event: StreamControl | `x.${string}`,
    fields: ControlFields = {},
    asking?: Asking,
  ): Promise<Controlled> {
    return (await this.#ask('control', { ...fields, event }, asking)) as Controlled;
  }

  /** Agents and services may not post or stream until resume(), but for messages of priority `critical`. */
  pause(fields?: ControlFields): Promise<Controlled> {
    return this.control('stream.pause', fields);
  }

  resume(fields?: ControlFields): Promise<Controlled> {
    return this.control('stream.resume', fields);
  }

  /** Stops a run, every open run of a target, or (without both) every open run. What was streamed stays. */
  preempt(fields?: ControlFields): Promise<Controlled> {
    return this.control('stream.preempt', fields);
  }

  /** As preempt, recorded as cancelled. */
  cancel(fields?: ControlFields): Promise<Controlled> {
    return this.control('stream.cancel', fields);
  }

  /** Gives the floor to one agent; null: to all. */
  route(target: string | null, fields?: ControlFields): Promise<Controlled> {
    return this.control('stream.route', { ...fields, target });
  }

  /** As route; also for the agent that has the floor. */
  handoff(target: string | null, fields?: ControlFields): Promise<Controlled> {
    return this.control('stream.handoff', { ...fields, target });
  }

  priority(priority: Priority, fields?: ControlFields): Promise<Controlled> {
    return this.control('stream.priority', { ...fields, priority });
  }

  /** Tells others that one writes; ends by itself after 6 s. Nothing is answered, nothing is logged. */
  typing(state: 'start' | 'stop' = 'start'): void {
    this.#link.connection?.tell('typing', { conversation: this.id, state });
  }

  /** Moves the read mark forward to this seq. */
  async read(
    upTo: number,
    asking?: Asking,
  ): Promise<{ readonly last_read_seq: number; readonly unread: number }> {
    const reply = await this.#ask('read', { up_to: upTo }, asking, true);
    return reply as unknown as { readonly last_read_seq: number; readonly unread: number };
  }

  /** How it is now: participants, pause, floor, runs, messages that are being written. */
  async state(asking?: Asking): Promise<Opened> {
    return await this.#hub.state(this.id, asking?.signal);
  }

  /** One page: with neither bound the newest. */
  async page(fields: HistoryFields = {}, asking?: Asking): Promise<HistoryPage> {
    return (await this.#ask('history', fields, asking, true)) as unknown as HistoryPage;
  }

  /**
   * Messages and control events, page by page as they are iterated: from the oldest on after `after` (a seq; default
   * 0), or from the newest back with `isBackwards` (before `before`).
   */
  async *history({
    isBackwards = false,
    signal,
    ...bounded
  }: HistoryFields & Asking & { readonly isBackwards?: boolean } = {}): AsyncGenerator<
    Event,
    void,
    undefined
  > {
    let { after = 0, before } = bounded;
    for (let hasMore = true; hasMore; ) {
      const range = isBackwards ? { ...(before === undefined ? {} : { before }) } : { ...bounded, after };
      const { limit = bounds.pageMax } = bounded;
      const asked = { ...(isBackwards ? { ...bounded, after: undefined } : bounded), ...range, limit };
      const page = await this.page(asked as HistoryFields, signal === undefined ? {} : { signal });
      yield* isBackwards ? [...page.events].reverse() : page.events;
      const edge = isBackwards ? page.events[0] : page.events.at(-1);
      hasMore = page.has_more && edge?.seq != null;
      if (isBackwards) before = edge?.seq ?? 0;
      else after = edge?.seq ?? after;
    }
  }

  /**
   * Every event after the position `after` (default 0) that is there by now, in order, and no live ones: page by page as they are
   * iterated, so that each is transferred once, however slow the reader is. Ends behind the last one, or behind position `to`.
   */
  async *replay({
    after = 0,
    to = Number.POSITIVE_INFINITY,
    signal,
  }: Asking & { readonly after?: number; readonly to?: number } = {}): AsyncGenerator<
    Event,
    void,
    undefined
  > {
    let told = after;
    for (let hasMore = true; hasMore && told < to; ) {
      const fields = { after_position: told, limit: Math.min(bounds.pageMax, to - told) };
      const page = (await this.#ask('history', fields, { signal }, true)) as HistoryPage;
      yield* page.events;
      told = page.events.at(-1)?.position ?? told;
      hasMore = page.has_more && page.events.length > 0;
    }
  }

  /**
   * Follows it: every event after the cursor (0: from the beginning; default: from now on) in the order of positions,
   * none missing and none twice, over any number of connections. Ends behind the event that removes the principal or
   * deletes the conversation. `deltas`, `pulses`: tells these, too.
   */
  events<W extends Wishes>(options?: W & { readonly after?: Cursor }): Feed<Wished<W>> {
    const { after, deltas, pulses } = options ?? {};
    const wishes = { deltas: deltas === true, pulses: pulses === true };
    return this.#hub.events(this.id, after, wishes) as unknown as Feed<Wished<W>>;
  }

  async #ask(
    op: string,
    fields: object,
    { signal }: { readonly signal?: AbortSignal | undefined } = {},
    isRepeatable = false,
  ): Promise<unknown> {
    return await this.#link.request(op, { ...fields, conversation: this.id }, { isRepeatable, signal });
  }
}

type Ask = (op: string, fields: object, asking?: Asking) => Promise<unknown>;

/** Who takes part: changed by owners and admins, and by oneself to leave. In effect everywhere before the answer. */
export class Participants {
  readonly #ask: Ask;

  constructor(ask: Ask) {
    this.#ask = ask;
  }

  async add(participant: string | NewParticipant, role?: ParticipantRole, asking?: Asking): Promise<Placed> {
    const fields = { participant, ...(role === undefined ? {} : { role }) };
    return (await this.#ask('participants.add', fields, asking)) as Placed;
  }

  async remove(participant: string, asking?: Asking): Promise<Placed> {
    return (await this.#ask('participants.remove', { participant }, asking)) as Placed;
  }

  async role(participant: string, role: ParticipantRole, asking?: Asking): Promise<Placed> {
    return (await this.#ask('participants.role', { participant, role }, asking)) as Placed;
  }
}
