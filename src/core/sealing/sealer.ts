/**
 * Events between the outside, where texts of class phi and secret are sealed, and the core, where they
 * are read. A sealed text is bound to its tenant, conversation, event and position: moved elsewhere it
 * does not open.
 */
import { type ConversationRef, type Event, isSealedClass, type LogEntry } from '../../domain/event.ts';
import type { TenantId } from '../../domain/ids.ts';
import { Problem } from '../../domain/problem.ts';
import type { Logger } from '../../ports/logger.ts';
import {
  type DataKeys,
  type KeyChain,
  missingMasterKey,
  type PresentKey,
  wrongMasterKey,
} from './data-keys.ts';
import {
  type Closed,
  closedEvent,
  hasTexts,
  sealedTextOf,
  textsOf,
  withoutTexts,
  withTexts,
} from './event-texts.ts';

/** Where a sealed text belongs: an event of a conversation, or a chunk of a draft. */
export type Place = readonly [id: string, position: number | string];

type MaybeLater<T> = T | Problem | Promise<T | Problem>;

/** An opened text, or why it is closed for good. */
export type OpenedText = { readonly text: string } | Closed;

export interface Sealer {
  /** Null when content of a sealed class can be stored for this tenant now. */
  ready(tenant: TenantId): Problem | null | Promise<Problem | null>;
  /** The entries as they are stored; those without texts of a sealed class as they are. */
  seal(ref: ConversationRef, entries: readonly LogEntry[]): MaybeLater<readonly LogEntry[]>;
  /** An entry that was sealed or opened here, as it is stored: with the same sealed text. */
  stored(entry: LogEntry): LogEntry | null;
  /** Seals one text for a place. */
  sealText(ref: ConversationRef, place: Place, text: string): MaybeLater<string>;
  /**
   * What opens these sealed texts: synchronous when the tenant's keys are in memory. A Problem when they
   * cannot be read now, or by this node.
   */
  opener(ref: ConversationRef, sealed: readonly string[]): MaybeLater<Opener>;
}

export interface Opener {
  text(sealed: string, place: Place): OpenedText;
  /** The event with its texts, or marked as closed; one that is not sealed as it is. */
  event<E extends Event>(event: E, place?: Place): E;
}

export function openSealer(keys: DataKeys, logger: Logger): Sealer {
  const { cipher } = keys;
  /** Sealed texts of events that are in memory opened: so each has one stored form, however often it is written. */
  const sealedOf = new WeakMap<Event, string>();

  const placeIn = (ref: ConversationRef, [id, position]: Place) => [
    ref.tenant,
    ref.conversation,
    id,
    position,
  ];

  function sealWith(ref: ConversationRef, entry: LogEntry, { key, version }: PresentKey): LogEntry {
    const { event } = entry;
    if (!needsSeal(entry)) return entry;
    const sealed = cipher.seal(textsOf(event), key, version, placeIn(ref, [event.id, event.position]));
    sealedOf.set(event, sealed);
    return { ...entry, event: withoutTexts(event, sealed) };
  }

  function openerOf(ref: ConversationRef, chain: KeyChain): Opener {
    function text(sealed: string, place: Place): OpenedText {
      const key = chain.keys.get(cipher.versionOf(sealed) ?? 0);
      if (key === 'erased') return 'erased';
      const opened = key instanceof Uint8Array ? cipher.open(sealed, key, placeIn(ref, place)) : null;
      if (opened !== null) return { text: opened };
      logger.error(
        { tenant: ref.tenant, conversation: ref.conversation, id: place[0] },
        'A sealed text does not open',
      );
      return 'unreadable';
    }

    function event<E extends Event>(sealedEvent: E, place?: Place): E {
      const sealed = sealedTextOf(sealedEvent);
      if (sealed === null) return sealedEvent;
      const opened = text(sealed, place ?? [sealedEvent.id, sealedEvent.position]);
      const result =
        typeof opened === 'string' ? closedEvent(sealedEvent, opened) : withTexts(sealedEvent, opened.text);
      sealedOf.set(result, sealed);
      return result as E;
    }

    return { text, event };
  }

  /** A chain that opens all versions that are named, or why this node cannot. */
  function checked(chain: KeyChain, versions: readonly number[]): KeyChain | Problem {
    const isLocked = versions.some((version) => chain.keys.get(version) === 'locked');
    if (!isLocked) return chain;
    return keys.isMasterKeySet ? wrongMasterKey() : missingMasterKey();
  }

  return {
    ready(tenant) {
      const present = keys.present(tenant);
      if (present instanceof Promise)
        return present.then((found) => (found instanceof Problem ? found : null));
      return present instanceof Problem ? present : null;
    },

    seal(ref, entries) {
      if (!entries.some(needsSeal)) return entries;
      const present = keys.present(ref.tenant);
      const sealAll = (key: PresentKey | Problem) =>
        key instanceof Problem ? key : entries.map((entry) => sealWith(ref, entry, key));
      return present instanceof Promise ? present.then(sealAll) : sealAll(present);
    },

    stored(entry) {
      const sealed = sealedOf.get(entry.event);
      return sealed === undefined ? null : { ...entry, event: withoutTexts(entry.event, sealed) };
    },

    sealText(ref, place, text) {
      const present = keys.present(ref.tenant);
      const sealOne = (found: PresentKey | Problem) =>
        found instanceof Problem ? found : cipher.seal(text, found.key, found.version, placeIn(ref, place));
      return present instanceof Promise ? present.then(sealOne) : sealOne(present);
    },

    opener(ref, sealed) {
      const versions = sealed.map((one) => cipher.versionOf(one) ?? 0);
      const chain = keys.chain(ref.tenant, Math.max(...versions));
      const use = (found: KeyChain | Problem): Opener | Problem => {
        const usable = found instanceof Problem ? found : checked(found, versions);
        return usable instanceof Problem ? usable : openerOf(ref, usable);
      };
      return chain instanceof Promise ? chain.then(use) : use(chain);
    },
  };
}

/** True when an entry has texts that may not be stored in the clear. */
export function needsSeal({ event, dataClass }: LogEntry): boolean {
  return isSealedClass(dataClass) && hasTexts(event);
}
