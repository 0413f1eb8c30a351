/** A load on a deployment: senders and observers that run while a program breaks things, and the proof afterwards. */
import type { Test } from 'tap';
import { until } from '../../log-entries.ts';
import { openOwner } from '../../servers/owner.ts';
import { type Cast, type Loaded, makeCast } from '../faults/deployment.ts';
import { seenOf } from '../proofs/events.ts';
import {
  brokenAcks,
  brokenNumbers,
  brokenProjection,
  brokenSenderOrder,
  brokenView,
  type Log,
  type ProjectedConversation,
  type ProjectedMessage,
} from '../proofs/proof.ts';
import { readStoredLog } from '../proofs/stored-log.ts';
import { openAsking } from './asking-socket.ts';
import { type Observer, observeOverNats, observeOverSocket } from './observers.ts';
import { type Ledger, sendOverNats, sendOverSockets } from './senders.ts';

export type LoadOptions = {
  /** Senders over sockets, default 8; they begin at different nodes. */
  readonly senders?: number;
  /** Senders by request and reply on NATS, default 2. */
  readonly natsSenders?: number;
  /** Observers over sockets, default 4. One more follows `live.>` on NATS. */
  readonly observers?: number;
  /** Every sender writes to all of them in turn; default 4. */
  readonly conversations?: number;
  /** Only in conversations with such ids. */
  readonly within?: (conversation: string) => boolean;
  /** Pause of a sender after each acknowledgement, ms; default 5: two cores have more to do than to send. */
  readonly restMs?: number;
};

/** What is broken is shown up to this: one fault tells as much as a thousand. */
const shownMax = 20;

export class Load {
  readonly cast: Cast;
  readonly conversations: readonly string[];
  readonly ledger: Ledger = { acks: [], refusals: new Map(), closes: new Map(), latencies: [], faults: [] };
  readonly observers: Observer[] = [];
  readonly #deployment: Loaded;
  readonly #over = new AbortController();
  readonly #gone = new AbortController();
  readonly #senders: Promise<void>[] = [];

  private constructor(deployment: Loaded, cast: Cast, conversations: readonly string[]) {
    this.#deployment = deployment;
    this.cast = cast;
    this.conversations = conversations;
  }

  /** Makes people and conversations, and begins. Ended with the test. */
  static async begin(t: Test, deployment: Loaded, options: LoadOptions = {}): Promise<Load> {
    const { senders = 8, natsSenders = 2, observers = 4, conversations: count = 4, restMs = 5 } = options;
    const { within = () => true } = options;
    const urls = deployment.nodes.map(({ url }) => url);
    const [first = ''] = urls;
    const cast = await makeCast({ url: first }, senders + natsSenders);
    const load = new Load(deployment, cast, await makeConversations(first, cast, count, within));
    t.teardown(() => load.#stop());
    for (let index = 0; index < observers; index += 1) {
      const who = cast.agents[index % cast.agents.length];
      if (who !== undefined)
        load.observers.push(
          observeOverSocket(`observer ${index}`, who, rotated(urls, index), load.conversations),
        );
    }
    const { broker } = deployment;
    load.observers.push(await observeOverNats(t, 'observer on NATS', cast.service, broker.url));
    cast.agents.forEach((who, index) => {
      const plan = {
        name: `sender ${index}`,
        who,
        urls: rotated(urls, index),
        restMs,
        gone: load.#gone.signal,
      };
      const whole = { ...plan, conversations: load.conversations };
      const signal = load.#over.signal;
      load.#senders.push(
        index < senders
          ? sendOverSockets(whole, load.ledger, signal)
          : sendOverNats(whole, load.ledger, signal, broker.url),
      );
    });
    return load;
  }

  /** Waits until so many more posts are acknowledged. Rejects when they are not within `withinMs`. */
  async more(count: number, withinMs = 60_000): Promise<void> {
    const goal = this.ledger.acks.length + count;
    await until(() => this.ledger.acks.length >= goal, withinMs).catch((error: unknown) => {
      const missing = `${goal - this.ledger.acks.length} of ${count} posts were not acknowledged`;
      throw new Error(`${missing}; refusals: ${JSON.stringify([...this.ledger.refusals])}`, { cause: error });
    });
  }

  /** Ends the senders (each when its post is acknowledged), and proves everything. Call it once, at the end. */
  async prove(t: Test): Promise<void> {
    this.#over.abort();
    await Promise.all(this.#senders);
    const log = await readStoredLog(this.#deployment.broker, this.cast.tenant);
    const { ledger, observers } = this;
    t.ok(ledger.acks.length > 0, `${ledger.acks.length} posts were acknowledged`);
    const none = (broken: readonly string[], what: string): unknown =>
      t.same(broken.slice(0, shownMax), [], what);
    none(ledger.faults, 'no sender met what must not happen');
    none(brokenNumbers(log), 'positions and seqs have no gap and no repetition');
    none(brokenAcks(log, ledger.acks), 'every acknowledged post is there exactly once, and nothing else');
    none(brokenSenderOrder(log), 'the order of each sender is kept');
    for (const observer of observers) {
      const isWhole = observer.name !== 'observer on NATS';
      if (isWhole) await until(() => hasSeenAll(log, observer), 60_000).catch(() => undefined);
      await observer.end();
      none(observer.faults, `${observer.name}: no gap, no repetition, no step back`);
      // One on NATS sees what the program does beside the load, too: a log that it loses on purpose is no fault.
      const seen = new Map([...observer.seen].filter(([id]) => this.conversations.includes(id)));
      none(brokenView(log, observer.name, seen, isWhole), `${observer.name} saw the one order`);
    }
    for (const node of this.#deployment.nodes)
      none(
        brokenView(log, node.url, await this.#readAgain(node.url), true),
        `a late reader of ${node.url} gets the same`,
      );
    none(await this.#projectionFaults(t, log), 'the projection is the log');
  }

  async #readAgain(url: string): Promise<Log> {
    const seen = new Map<string, ReturnType<typeof seenOf>[]>(this.conversations.map((id) => [id, []]));
    const [reader] = this.cast.agents;
    const socket = await openAsking(url, reader?.token ?? '', ({ ev }) => {
      if (ev !== undefined) seen.get(ev.conversation)?.push(seenOf(ev));
    });
    for (const conversation of this.conversations) {
      const reply = await socket.ask('open', { conversation, after: 0 });
      const { position } = reply['conversations'][0];
      await until(() => (seen.get(conversation)?.length ?? 0) >= position, 30_000);
    }
    socket.end();
    return seen;
  }

  /** The projection follows by itself; what it lacks after a minute it will never have. */
  async #projectionFaults(t: Test, log: Log): Promise<readonly string[]> {
    const sql = openOwner(t, this.#deployment.postgres.url);
    const ids = this.conversations as string[];
    const ours = new Map([...log].filter(([id]) => ids.includes(id)));
    let faults: readonly string[] = [];
    const look = async (): Promise<boolean> => {
      const conversations = await sql<ProjectedConversation[]>`
        select conversation_id as conversation, position, seq from conversations where conversation_id = any(${ids})`;
      const messages = await sql<ProjectedMessage[]>`
        select conversation_id as conversation, seq, position, event_id as "eventId", client_id as "clientId", content
        from messages where kind = 'message' and conversation_id = any(${ids})`;
      faults = brokenProjection(ours, conversations, messages);
      return faults.length === 0;
    };
    await until(look, 60_000).catch(() => undefined);
    return faults;
  }

  async #stop(): Promise<void> {
    this.#over.abort();
    this.#gone.abort();
    await Promise.all(this.#senders);
    for (const observer of this.observers) await observer.end();
  }
}

function hasSeenAll(log: Log, observer: Observer): boolean {
  return [...observer.seen].every(([id, events]) => events.length >= (log.get(id)?.length ?? 0));
}

function rotated<T>(all: readonly T[], by: number): readonly T[] {
  const at = by % all.length;
  return [...all.slice(at), ...all.slice(0, at)];
}

/** So many groups of the owner with all agents of a cast, with such ids. */
export async function makeConversations(
  url: string,
  cast: Cast,
  count: number,
  within: (id: string) => boolean = () => true,
): Promise<readonly string[]> {
  const socket = await openAsking(url, cast.ownerToken);
  const participants = cast.agents.map(({ id }) => ({ id, kind: 'agent' }));
  const made: string[] = [];
  while (made.length < count) {
    const reply = await socket.ask('create', { type: 'group', name: `chaos ${made.length}`, participants });
    const id: string = reply['conversation'].id ?? reply['conversation'];
    if (within(id)) made.push(id);
  }
  socket.end();
  return made;
}
