/** The conversation that is open: its events as they come, what is being written, and what one may do there. */
import { computed, signal } from '@preact/signals';
import {
  type Conversation,
  type ConversationState,
  type Cursor,
  type Event,
  type Feed,
  type FeedItem,
  ParleyProblem,
  type Pulse,
} from '../../client/index.ts';
import type { Account } from '../session/account.ts';
import { type Requests, sentenceOf } from '../session/requests.ts';
import { tellProblem } from '../shell/notice.tsx';
import { foldTimeline, withLater } from '../timeline/fold.ts';
import type { Directory } from './directory.ts';
import { Drafts } from './drafts.ts';
import { EventWindow } from './event-window.ts';
import { LaterChanges } from './later-changes.ts';
import { LogReader, pageMax } from './log-reader.ts';
import { Outbox } from './outbox.ts';
import { type Powers, powersIn } from './powers.ts';
import { ReadMark } from './read-mark.ts';
import { Steering } from './steering.ts';
import { TypingSigns } from './typing-signs.ts';
import type { Unsent, Written } from './unsent.ts';

/** On whose desk it lies. */
export interface TalkOwner {
  readonly account: Account;
  readonly requests: Requests;
  readonly directory: Directory;
  readonly unsent: Unsent;
  hasRead(conversation: string, seq: number, unread: number): void;
}

/** `missing`: there is none, or not for this reader. `gone`, `deleted`: there was one. */
export type Stage = 'loading' | 'ready' | 'missing' | 'gone' | 'deleted' | { readonly problem: string };

export class Talk {
  readonly id: string;
  readonly self: string;
  readonly stage = signal<Stage>('loading');
  readonly state = signal<ConversationState | null>(null);
  readonly window = new EventWindow();
  readonly reader: LogReader;
  readonly drafts = new Drafts();
  readonly outbox: Outbox;
  readonly steering: Steering;
  readonly typing: TypingSigns;
  readonly readMark: ReadMark;
  /** What one was writing here when one left. */
  readonly written: Written;
  readonly replyingTo = signal<string | null>(null);
  readonly editing = signal<string | null>(null);
  /** Position of a line that was asked for, until the timeline shows it. */
  readonly sought = signal<number | null>(null);
  /** The reader looks at the newest lines; told by the timeline. */
  isReadingEnd = true;
  readonly lines = computed(() =>
    withLater(foldTimeline(this.window.events.value), this.window.last, this.#later.known.value),
  );
  /** Somebody's run is open, or a message is being written. */
  readonly isRunning = computed(
    () => this.drafts.shown.value.length > 0 || Object.values(this.state.value?.runs ?? {}).includes('open'),
  );
  readonly powers = computed<Powers>(() => powersIn(this.state.value, this.#desk.account));
  readonly nameOf: (id: string) => string;
  readonly #desk: TalkOwner;
  readonly #conversation: Conversation;
  readonly #later: LaterChanges;
  #feed: Feed<FeedItem> | null = null;
  #isClosed = false;
  #isDeleted = false;
  #isAskingState = false;
  #isStateOld = false;
  #epoch = '';

  constructor(desk: TalkOwner, conversation: Conversation) {
    this.#desk = desk;
    this.#conversation = conversation;
    this.id = conversation.id;
    this.self = desk.account.id;
    this.nameOf = desk.directory.nameOf;
    this.#later = new LaterChanges(desk.requests, this.id);
    const cursorAt = (position: number): Cursor => `${this.#epoch}:${position}`;
    this.reader = new LogReader(conversation, this.window, this.#later, cursorAt);
    this.written = desk.unsent.of(this.id);
    this.replyingTo.value = this.written.replyTo;
    this.editing.value = this.written.editing;
    this.outbox = new Outbox(conversation, this.written);
    this.steering = new Steering(conversation, this.state);
    this.typing = new TypingSigns(() => conversation.typing());
    this.readMark = new ReadMark({
      tell: (seq) => conversation.read(seq),
      show: (seq, unread) => desk.hasRead(conversation.id, seq, unread),
    });
  }

  /** Loads the newest events, or those around a seq, and follows until close(). */
  async start(seq: number | null = null): Promise<void> {
    this.stage.value = 'loading';
    this.drafts.clear();
    try {
      const { epoch, position: head, state } = await this.#conversation.state();
      this.#epoch = epoch;
      this.state.value = state;
      void this.#desk.directory.loadParticipants(this.id).catch(() => undefined);
      const from = Math.max(0, head - pageMax);
      this.window.begin(from, head);
      const isThere = seq !== null && (await this.#seek(seq));
      if (isThere || from === head) this.stage.value = 'ready';
      await this.#follow(`${epoch}:${isThere ? head : from}`, head);
    } catch (error) {
      if (!this.#isClosed) this.stage.value = stageOf(error);
    }
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.written.replyTo = this.replyingTo.value;
    this.written.editing = this.editing.value;
    void this.#feed?.return?.();
    this.outbox.close();
    this.typing.close();
    this.readMark.close();
  }

  /** Goes to the line of a seq: loads what is around it and has it shown. */
  goTo(seq: number): void {
    this.#seek(seq).catch(tellProblem);
  }

  /** What one says stands at the end, so one is there. */
  post(content: string): void {
    this.outbox.post(content, this.replyingTo.value);
    this.replyingTo.value = null;
    this.typing.sent();
    this.isReadingEnd = true;
    if (!this.window.isAtHead.value) void this.reader.toHead();
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

  /** Who writes what is being written, as far as that can be told: the only agent, or the one that has the floor. */
  draftAuthor(): string | null {
    const { participants, floor } = this.state.value ?? { participants: [], floor: null };
    const agents = participants.filter(({ kind }) => kind !== 'user');
    return agents.length === 1 ? (agents[0]?.id ?? null) : floor;
  }

  /** False: there is no such line. */
  async #seek(seq: number): Promise<boolean> {
    const position = await this.reader.around(seq);
    this.sought.value = position;
    return position !== null;
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
      if (item.type === 'delta') this.drafts.take(item);
      else if (item.type === 'pulse') this.#takePulse(item);
      else this.#takeEvent(item, upTo);
    }
    if (!this.#isClosed) this.stage.value = this.#isDeleted ? 'deleted' : 'gone';
  }

  #takeEvent(event: Event, upTo: number): void {
    this.window.add(event, this.isReadingEnd);
    if (event.position >= upTo && this.stage.value === 'loading') this.stage.value = 'ready';
    if (event.type === 'message.posted') {
      this.drafts.end(event.data.message_id);
      this.typing.end(event.actor.id);
      if (event.client_id !== undefined) this.outbox.drop(event.client_id);
    }
    if (event.position <= upTo) return;
    this.#takeChange(event);
    if (event.type === 'conversation.deleted') this.#isDeleted = true;
    const isPlain = event.type.startsWith('message.') || event.type === 'reaction.changed';
    if (!isPlain || event.run !== undefined) void this.#askState();
    if (event.type === 'participant.added')
      void this.#desk.directory.loadParticipants(this.id).catch(() => undefined);
  }

  /** A change of a message that is loaded, which itself is not. */
  #takeChange(event: Event): void {
    if (this.window.isAtHead.value || event.type === 'message.posted' || !('message_id' in event.data))
      return;
    const { message_id: id } = event.data;
    const changed = this.lines.value.find(({ key }) => key === id);
    if (changed?.seq != null) this.#later.readOne(changed.seq).catch(tellProblem);
  }

  #takePulse(pulse: Pulse): void {
    if (pulse.kind === 'typing' && pulse.from !== this.self) {
      if (pulse.state === 'start') this.typing.begin(pulse.from);
      else this.typing.end(pulse.from);
    }
    if (pulse.kind === 'draft.abandoned') this.drafts.silence(pulse.message_id);
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
}

function stageOf(error: unknown): Stage {
  if (error instanceof ParleyProblem && error.code === 'not_found') return 'missing';
  return { problem: sentenceOf(error) };
}
