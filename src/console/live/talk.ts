/** The conversation that is open: its events as they come, what is being written, and what one may do there. */
import { computed, signal } from '@preact/signals';
import {
  type Conversation,
  type ConversationState,
  type Cursor,
  type Delta,
  type Event,
  type Feed,
  type FeedItem,
  ParleyProblem,
  type Pulse,
  uuidV7,
} from '../../client/index.ts';
import type { Account } from '../session/account.ts';
import { sentenceOf } from '../session/requests.ts';
import { tellProblem } from '../shell/notice.tsx';
import { foldTimeline } from '../timeline/fold.ts';
import type { Directory } from './directory.ts';
import { EventLog } from './event-log.ts';
import { type Powers, powersIn } from './powers.ts';
import { ReadMark } from './read-mark.ts';
import { TypingSigns } from './typing-signs.ts';

/** A message that is being written. */
export interface ShownDraft {
  readonly message: string;
  readonly run: string;
  readonly index: number;
  readonly text: string;
  /** Its agent said nothing for a minute. */
  readonly isSilent: boolean;
}

/** A message of one's own on its way. */
export interface Pending {
  readonly clientId: string;
  readonly content: string;
  readonly replyTo: string | null;
  /** Why it was not sent; null: it is being sent, over as many connections as it takes. */
  readonly problem: string | null;
}

/** On whose desk it lies. */
export interface TalkOwner {
  readonly account: Account;
  readonly directory: Directory;
  hasRead(conversation: string, seq: number, unread: number): void;
}

export type Stage = 'loading' | 'ready' | 'missing' | 'gone' | { readonly problem: string };

const pageMax = 150;

export class Talk {
  readonly id: string;
  readonly self: string;
  readonly stage = signal<Stage>('loading');
  readonly state = signal<ConversationState | null>(null);
  readonly drafts = signal<readonly ShownDraft[]>([]);
  readonly pending = signal<readonly Pending[]>([]);
  readonly typing: TypingSigns;
  readonly readMark: ReadMark;
  readonly replyingTo = signal<string | null>(null);
  readonly editing = signal<string | null>(null);
  readonly isLoadingEarlier = signal(false);
  readonly #log = new EventLog();
  readonly lines = computed(() => foldTimeline(this.#log.events.value));
  readonly hasEarlier = computed(() => (this.#log.events.value[0]?.position ?? 1) > 1);
  /** Somebody's run is open, or a message is being written. */
  readonly isRunning = computed(
    () => this.drafts.value.length > 0 || Object.values(this.state.value?.runs ?? {}).includes('open'),
  );
  readonly powers = computed<Powers>(() => powersIn(this.state.value, this.#desk.account));
  readonly nameOf: (id: string) => string;
  readonly #desk: TalkOwner;
  readonly #conversation: Conversation;
  #feed: Feed<FeedItem> | null = null;
  #isClosed = false;
  #isAskingState = false;
  #isStateOld = false;
  #epoch = '';

  constructor(desk: TalkOwner, conversation: Conversation) {
    this.#desk = desk;
    this.#conversation = conversation;
    this.id = conversation.id;
    this.self = desk.account.id;
    this.nameOf = desk.directory.nameOf;
    this.typing = new TypingSigns(() => conversation.typing());
    this.readMark = new ReadMark({
      tell: (seq) => conversation.read(seq),
      show: (seq, unread) => desk.hasRead(conversation.id, seq, unread),
    });
  }

  /** Loads the newest events and follows, until close(). */
  async start(): Promise<void> {
    this.stage.value = 'loading';
    this.#log.clear();
    this.drafts.value = [];
    try {
      const { epoch, position, state } = await this.#conversation.state();
      this.#epoch = epoch;
      this.state.value = state;
      void this.#desk.directory.loadParticipants(this.id).catch(() => undefined);
      const from = Math.max(0, position - pageMax);
      if (position === from) this.stage.value = 'ready';
      await this.#follow(this.#cursor(from), position);
    } catch (error) {
      if (!this.#isClosed) this.stage.value = stageOf(error);
    }
  }

  close(): void {
    this.#isClosed = true;
    void this.#feed?.return?.();
    this.typing.close();
    this.readMark.close();
  }

  /** The page of events before those that are shown. */
  async loadEarlier(): Promise<void> {
    const first = this.#log.events.value[0]?.position ?? 1;
    if (this.isLoadingEarlier.value || first <= 1) return;
    this.isLoadingEarlier.value = true;
    try {
      const page: Event[] = [];
      for await (const item of this.#conversation.events({
        after: this.#cursor(Math.max(0, first - 1 - pageMax)),
      })) {
        if (item.type === 'reset' || item.position >= first) break;
        page.push(item);
        if (item.position === first - 1) break;
      }
      this.#log.putBefore(page);
    } catch (error) {
      tellProblem(error);
    } finally {
      this.isLoadingEarlier.value = false;
    }
  }

  post(content: string): void {
    const replyTo = this.replyingTo.value;
    this.replyingTo.value = null;
    this.typing.sent();
    const pending = { clientId: uuidV7(), content, replyTo, problem: null };
    this.pending.value = [...this.pending.value, pending];
    void this.#send(pending);
  }

  /** The same again: by its client id it is stored once, whatever became of it before. */
  retry(pending: Pending): void {
    this.#setPending(pending.clientId, null);
    void this.#send(pending);
  }

  drop({ clientId }: Pending): void {
    this.pending.value = this.pending.value.filter((one) => one.clientId !== clientId);
  }

  async edit(message: string, content: string): Promise<void> {
    await this.#conversation.edit(message, content);
  }

  remove(message: string): void {
    this.#conversation.delete(message).catch(tellProblem);
  }

  react(message: string, emoji: string): void {
    this.#conversation.react(message, emoji).catch(tellProblem);
  }

  pauseOrResume(): void {
    const { paused } = this.state.value ?? {};
    const done = paused === null ? this.#conversation.pause() : this.#conversation.resume();
    done.catch(tellProblem);
  }

  /** Stops what is running: of one agent, or all of it. */
  preempt(target: string | null = null): void {
    this.#conversation.preempt(target === null ? {} : { target }).catch(tellProblem);
  }

  route(target: string | null): void {
    this.#conversation.route(target).catch(tellProblem);
  }

  handOff(target: string): void {
    this.#conversation.handoff(target).catch(tellProblem);
  }

  add(participant: string, kind: 'user' | 'agent'): void {
    this.#conversation.participants.add({ id: participant, kind }).catch(tellProblem);
  }

  /** Of oneself: leaves. */
  removeParticipant(participant: string): void {
    this.#conversation.participants.remove(participant).catch(tellProblem);
  }

  /** Whose draft it is, as far as that can be told: the only agent's, or that of who has the floor. */
  authorOf(_draft: ShownDraft): string | null {
    const { participants, floor } = this.state.value ?? { participants: [], floor: null };
    const agents = participants.filter(({ kind }) => kind !== 'user');
    return agents.length === 1 ? (agents[0]?.id ?? null) : floor;
  }

  async #follow(after: Cursor, upTo: number): Promise<void> {
    const feed = this.#conversation.events({ after, deltas: true, pulses: true });
    this.#feed = feed as Feed<FeedItem>;
    for await (const item of feed) {
      if (this.#isClosed) return;
      if (item.type === 'reset') {
        if (item.reason === 'cursor_expired') return void this.start();
        this.stage.value = 'missing';
        return;
      }
      if (item.type === 'delta') this.#takeDelta(item);
      else if (item.type === 'pulse') this.#takePulse(item);
      else this.#takeEvent(item, upTo);
    }
    if (!this.#isClosed) this.stage.value = 'gone';
  }

  #takeEvent(event: Event, upTo: number): void {
    this.#log.add(event);
    if (event.position >= upTo && this.stage.value === 'loading') this.stage.value = 'ready';
    if (event.type === 'message.posted') {
      this.#endDraft(event.data.message_id);
      this.typing.end(event.actor.id);
      if (event.client_id !== undefined) this.drop({ clientId: event.client_id } as Pending);
    }
    const isPlain = event.type.startsWith('message.') || event.type === 'reaction.changed';
    if (event.position > upTo && (!isPlain || event.run !== undefined)) void this.#askState();
    if (event.type === 'participant.added' && event.position > upTo) {
      void this.#desk.directory.loadParticipants(this.id).catch(() => undefined);
    }
  }

  #takeDelta({ message_id: message, run, index, text }: Delta): void {
    const known = this.drafts.value.find((one) => one.message === message);
    const draft = { message, run, index, text: (known?.text ?? '') + text, isSilent: false };
    this.drafts.value =
      known === undefined
        ? [...this.drafts.value, draft]
        : this.drafts.value.map((one) => (one === known ? draft : one));
  }

  #takePulse(pulse: Pulse): void {
    if (pulse.kind === 'typing' && pulse.from !== this.self) {
      if (pulse.state === 'start') this.typing.begin(pulse.from);
      else this.typing.end(pulse.from);
    }
    if (pulse.kind === 'draft.abandoned') {
      const { message_id: message } = pulse;
      this.drafts.value = this.drafts.value.map((one) =>
        one.message === message ? { ...one, isSilent: true } : one,
      );
    }
  }

  #endDraft(message: string): void {
    if (this.drafts.value.some((one) => one.message === message))
      this.drafts.value = this.drafts.value.filter((one) => one.message !== message);
  }

  async #send({ clientId, content, replyTo }: Pending): Promise<void> {
    try {
      const reply = replyTo === null ? {} : { reply_to: replyTo };
      await this.#conversation.post({ content, client_id: clientId, ...reply });
    } catch (error) {
      this.#setPending(clientId, sentenceOf(error));
    }
  }

  #setPending(clientId: string, problem: string | null): void {
    this.pending.value = this.pending.value.map((one) =>
      one.clientId === clientId ? { ...one, problem } : one,
    );
  }

  /** The rules are the server's: after whatever may change the state, it is asked for it. One question at a time. */
  async #askState(): Promise<void> {
    this.#isStateOld = true;
    if (this.#isAskingState) return;
    this.#isAskingState = true;
    try {
      while (this.#isStateOld && !this.#isClosed) {
        this.#isStateOld = false;
        this.state.value = (await this.#conversation.state()).state;
      }
    } catch {
      // Removed, or not connected: the feed tells.
    } finally {
      this.#isAskingState = false;
    }
  }

  #cursor(position: number): Cursor {
    return `${this.#epoch}:${position}`;
  }
}

function stageOf(error: unknown): Stage {
  if (error instanceof ParleyProblem && error.code === 'not_found') return 'missing';
  return { problem: sentenceOf(error) };
}
