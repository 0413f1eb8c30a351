/**
 * One conversation without NATS and Postgres: decide, append, evolve, timeline, erasure. What it
 * answers is what the real rules answer; only the storing is an array.
 */
import type { Command, CommandContext } from '../../../src/domain/command.ts';
import { type Decision, decide } from '../../../src/domain/decide/decide.ts';
import { hashOfPost } from '../../../src/domain/decide/post.ts';
import {
  type ConversationRef,
  type DataClass,
  type Event,
  type LogEntry,
  stricterClass,
} from '../../../src/domain/event.ts';
import { evolve } from '../../../src/domain/evolve/evolve.ts';
import { type DraftFact, type Facts, factsNeeded } from '../../../src/domain/facts.ts';
import type { PostedEntry } from '../../../src/domain/idempotency-window.ts';
import type { Principal } from '../../../src/domain/principal.ts';
import { Problem } from '../../../src/domain/problem.ts';
import { type ConversationState, emptyState } from '../../../src/domain/state.ts';
import { type Micros, parseMicros } from '../../../src/domain/time.ts';
import { applyToTimeline, entryId, type TimelineEntry } from '../../../src/domain/timeline.ts';
import { contextOf, uuid } from './memory-principals.ts';

/** 2026-11-20T10:00:00Z, where the clock of a test starts. */
export const startMicros: Micros = 1_795_168_800_000_000;

function counter(): () => string {
  let last = 1000;
  return () => {
    last += 1;
    return uuid(last);
  };
}

export interface Handled {
  readonly decision: Decision;
  readonly events: readonly Event[];
  readonly state: ConversationState;
}

export class MemoryConversation {
  readonly ref: ConversationRef;
  /** The log as a reader finds it now: without what was erased. */
  log: LogEntry[] = [];
  /** Every entry that was ever appended. */
  readonly appended: LogEntry[] = [];
  readonly timeline: TimelineEntry[] = [];
  drafts: DraftFact[] = [];
  state: ConversationState = emptyState();
  now: Micros = startMicros;
  readonly newId: () => string;

  constructor(ref: Partial<ConversationRef> = {}, nextId?: () => string) {
    this.ref = { tenant: 'acme', service: null, conversation: uuid(1), ...ref };
    this.newId = nextId ?? counter();
  }

  /** Time passes. */
  tick(ms: number): this {
    this.now += ms * 1000;
    return this;
  }

  context(fields: Partial<CommandContext> = {}): CommandContext {
    return contextOf(this.ref.conversation, this.newId(), fields);
  }

  /** What the rules say, without appending. */
  decide(principal: Principal, command: Command, context = this.context()): Decision | Problem {
    const facts = this.#facts(principal, command);
    return decide(command, { state: this.state, facts, principal, context, now: this.now });
  }

  /** Handles a command to its end. */
  handle(principal: Principal, command: Command, context = this.context()): Handled | Problem {
    const decision = this.decide(principal, command, context);
    if (decision instanceof Problem) return decision;
    const events = decision.kind === 'append' ? decision.events : [];
    for (const event of events) {
      const last = event === events.at(-1);
      this.#append({
        event,
        logSeq: this.appended.length + 1,
        node: 'node-a',
        dataClass: stricterClass(context.dataClass, classOf(decision, event.id)),
        policyRef: context.policyRef,
        erased: decision.kind === 'append' && last ? decision.erased : [],
      });
    }
    return { decision, events, state: this.state };
  }

  /** As handle(), for commands that the test needs accepted. */
  accept(principal: Principal, command: Command, context = this.context()): Handled {
    const handled = this.handle(principal, command, context);
    if (handled instanceof Problem) throw new Error(`${command.op} was refused: ${handled.message}`);
    return handled;
  }

  entry(id: string): TimelineEntry | null {
    return this.timeline.find((entry) => entryId(entry) === id) ?? null;
  }

  #append(entry: LogEntry): void {
    this.appended.push(entry);
    this.log.push(entry);
    this.state = evolve(this.state, entry);
    applyToTimeline(this.timeline, entry);
    if (entry.erased.length === 0) return;
    const gone = new Set(entry.erased.map((one) => one.logSeq));
    this.log = this.log.filter((one) => !gone.has(one.logSeq));
  }

  #facts(principal: Principal, command: Command): Facts {
    const needed = factsNeeded(this.state, command, principal.id, this.now);
    const drafts = needed.drafts ? this.drafts : [];
    const spare = Math.max(needed.spareIds, drafts.length);
    return {
      message: needed.message === null ? null : this.entry(needed.message),
      earlier: this.#earlier((one) => {
        const isClient = one.sender === principal.id && one.clientId === needed.earlierByClient;
        return (
          (needed.earlierByClient !== null && isClient) ||
          (needed.earlierByMessage !== null && one.messageId === needed.earlierByMessage)
        );
      }),
      draft: this.drafts.find((one) => one.messageId === needed.draftOf) ?? null,
      drafts,
      spareIds: Array.from({ length: spare }, () => this.newId()),
    };
  }

  #earlier(matches: (one: PostedEntry) => boolean): PostedEntry | null {
    for (const { event } of this.appended) {
      if (event.type !== 'message.posted') continue;
      const { content, content_type: contentType, reply_to: replyTo } = event.data;
      const posted: PostedEntry = {
        position: event.position,
        seq: event.seq ?? 0,
        at: parseMicros(event.at) ?? 0,
        eventId: event.id,
        messageId: event.data.message_id,
        sender: event.actor.id,
        clientId: event.client_id ?? null,
        hash: hashOfPost({ content, contentType, replyTo }),
        interrupted: event.data.interrupted === true,
      };
      if (matches(posted)) return posted;
    }
    return null;
  }
}

function classOf(decision: Decision, id: string): DataClass {
  return (decision.kind === 'append' ? decision.classes?.get(id) : undefined) ?? 'none';
}
