/**
 * A log as people, agents and services leave it, the same at every run: of 1,000 events about 880 are messages of
 * 15 words (words as often as in a language: a few very often, most rarely), 50 reactions, 30 edits, 20 control
 * events, 10 changes of participants, 10 deletions.
 */
import type { ConversationRef, Event, LogEntry, ParticipantView } from '../../../src/domain/event.ts';
import { formatMicros } from '../../../src/domain/time.ts';

export interface SampleEntry {
  readonly ref: ConversationRef;
  readonly entry: LogEntry;
}

const people = 20;
const wordsOfLanguage = 20_000;
const syllables = [
  'ka',
  'lo',
  'mi',
  'ter',
  'san',
  'du',
  've',
  'rin',
  'po',
  'gal',
  'sho',
  'ne',
  'bar',
  'ti',
  'um',
];

interface Talk {
  readonly ref: ConversationRef;
  position: number;
  seq: number;
  added: number;
  /** The newest messages that are not deleted. */
  readonly messages: { readonly id: string; edits: number; readonly posted: Event }[];
}

/** Yields `count` events over `conversations` conversations of one tenant for each hundred of them. */
export function* sampleLog(count: number, conversations: number): Generator<SampleEntry> {
  const random = randomFrom(20_261);
  const talks = Array.from({ length: conversations }, (_, index): Talk => {
    const ref = { tenant: idOf(9, Math.floor(index / 100)), service: null, conversation: idOf(1, index) };
    return { ref, position: 0, seq: 0, added: 0, messages: [] };
  });
  for (let made = 0; made < count; made += 1) {
    const talk = talks[made < conversations ? made : Math.floor(random() * conversations)] as Talk;
    const event = nextEvent(talk, made, random);
    yield {
      ref: talk.ref,
      entry: { event, logSeq: 0, node: 'sample', dataClass: 'none', policyRef: null, erased: [] },
    };
  }
}

function nextEvent(talk: Talk, made: number, random: () => number): Event {
  talk.position += 1;
  const actor = { id: idOf(2, Math.floor(random() * people)), kind: 'user' as const };
  const envelope = {
    v: 1 as const,
    id: idOf(3, made),
    conversation: talk.ref.conversation,
    position: talk.position,
    at: formatMicros(1_700_000_000_000_000 + made * 1_000),
    actor,
  };
  if (talk.position === 1) return { ...envelope, seq: null, type: 'conversation.created', data: creation() };
  const kind = random();
  const message = talk.messages[Math.floor(random() * talk.messages.length)];
  if (kind < 0.05 && message !== undefined) {
    const data = { message_id: message.id, emoji: kind < 0.03 ? '👍' : '🎉', action: 'added' as const };
    return { ...envelope, seq: null, type: 'reaction.changed', data };
  }
  if (kind < 0.08 && message !== undefined) {
    message.edits += 1;
    const data = { message_id: message.id, content: words(random), metadata: {}, edit_count: message.edits };
    return { ...envelope, seq: null, type: 'message.edited', data };
  }
  if (kind < 0.09 && message !== undefined) {
    talk.messages.splice(talk.messages.indexOf(message), 1);
    return {
      ...envelope,
      seq: null,
      type: 'message.deleted',
      data: { message_id: message.id, by: actor.id },
    };
  }
  if (kind < 0.1) {
    talk.added += 1;
    const participant = { id: idOf(4, talk.added), kind: 'user' as const, role: 'member' as const };
    return { ...envelope, seq: null, type: 'participant.added', data: { participant } };
  }
  talk.seq += 1;
  if (kind < 0.12) return { ...envelope, seq: talk.seq, type: 'control', data: handover(actor.id) };
  return post(talk, envelope, made, random);
}

function post(
  talk: Talk,
  envelope: Pick<Event, 'v' | 'id' | 'conversation' | 'position' | 'at' | 'actor'>,
  made: number,
  random: () => number,
): Event {
  const id = idOf(5, made);
  const event: Event = {
    ...envelope,
    seq: talk.seq,
    type: 'message.posted',
    client_id: idOf(6, made),
    data: {
      message_id: id,
      content: words(random),
      content_type: 'text',
      reply_to: null,
      priority: 'normal',
      interruptible: true,
      metadata: {},
    },
  };
  talk.messages.push({ id, edits: 0, posted: event });
  if (talk.messages.length > 50) talk.messages.shift();
  return event;
}

function creation() {
  const participants = Array.from({ length: people }, (_, index): ParticipantView => {
    return { id: idOf(2, index), kind: 'user', role: index === 0 ? 'owner' : 'member' };
  });
  const nothing = { name: null, description: null, metadata: {}, env: 'dev', service_id: null };
  return { type: 'group' as const, ...nothing, participants };
}

function handover(target: string) {
  const rest = { reason: null, runs: [], priority: null, preempted_by: null, metadata: {} };
  return { event: 'stream.handoff', target, ...rest };
}

/** Fifteen words; the n-th most frequent comes about 1/n times as often as the first. */
function words(random: () => number): string {
  return Array.from({ length: 15 }, () => word(Math.floor(wordsOfLanguage ** random()))).join(' ');
}

function word(rank: number): string {
  let text = '';
  for (let rest = rank; rest > 0; rest = Math.floor(rest / syllables.length)) {
    text += syllables[rest % syllables.length];
  }
  return text === '' ? 'a' : text;
}

/** Looks like the UUIDv7 that it stands for. */
function idOf(kind: number, index: number): string {
  const digits = index.toString(16).padStart(12, '0');
  return `019a9b0e-${digits.slice(0, 4)}-7${kind}11-8a53-${digits}`;
}

/** mulberry32: the same numbers at every run. */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
