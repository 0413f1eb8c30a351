/**
 * Which fields of an event are texts that somebody wrote, and how they leave and enter it. Ids, numbers,
 * emoji, names of events and content types stay: rules, indexes and routing need them.
 */
import type { Event } from '../../domain/event.ts';

/** What takes the place of a sealed text in what readers get when it cannot be opened (any more). */
export type Closed = 'erased' | 'unreadable';

type Texts = Readonly<Record<string, unknown>>;

/** True for the types of event that hold texts. */
export function hasTexts({ type }: Event): boolean {
  return type in emptied;
}

/** By type: the text fields, and what is left in their place. */
const emptied: Readonly<Record<string, Texts>> = {
  'message.posted': { content: '', metadata: {} },
  'message.edited': { content: '', metadata: {} },
  // Not null: a reader of the projection sees by it that there is something to open (sealed-reader.ts).
  control: { reason: '', metadata: {} },
  'conversation.created': { name: null, description: null, metadata: {} },
  'conversation.updated': { name: null, description: null, metadata: {} },
};

/** Who may see a message is no text: readers and counts of the projection need it. */
function keptMetadata(event: Event): Texts {
  if (event.type !== 'message.posted' && event.type !== 'message.edited') return {};
  return event.data.metadata['is_internal'] === true ? { metadata: { is_internal: true } } : {};
}

/** The texts as JSON: what is sealed. */
export function textsOf(event: Event): string {
  const data = event.data as Texts;
  const fields = Object.keys(emptied[event.type] ?? {}).filter((field) => field in data);
  return JSON.stringify(Object.fromEntries(fields.map((field) => [field, data[field]])));
}

/** The event without its texts: as it is stored and republished. `sealed` is its last field (live-feed.ts). */
export function withoutTexts(event: Event, sealed: string): Event {
  const data = event.data as Texts;
  const places = Object.entries(emptied[event.type] ?? {}).filter(([field]) => field in data);
  const emptyTexts = { ...Object.fromEntries(places), ...keptMetadata(event) };
  return { ...event, data: { ...data, ...emptyTexts, sealed } } as Event;
}

/** What an event's `sealed` field says; null when it has none. */
export function sealedTextOf(event: Event): string | null {
  const { sealed } = event.data as { readonly sealed?: string };
  return sealed ?? null;
}

/** The event with its texts again. Its keys keep their order: it looks as if it had never been sealed. */
export function withTexts(event: Event, texts: string): Event {
  const { sealed: _, ...data } = event.data as Texts;
  return { ...event, data: { ...data, ...(JSON.parse(texts) as Texts) } } as Event;
}

/** The event as readers get it when its texts cannot be read. */
export function closedEvent(event: Event, why: Closed): Event {
  const isOfConversation = event.type === 'conversation.created' || event.type === 'conversation.updated';
  const data = event.data as Texts;
  // A conversation's state has no other place that says so.
  const metadata = isOfConversation && 'metadata' in data ? { metadata: { sealed: why } } : {};
  const reason = event.type === 'control' ? { reason: null } : {};
  return { ...event, data: { ...data, ...metadata, ...reason, sealed: why } } as Event;
}
