/** Receivers with the real socket.io-client, in a process of their own: each proves what its conversation brings. */
import { fileURLToPath } from 'node:url';
import { io, type Socket } from 'socket.io-client';
import { type BesideProcess, serveBeside, startBeside } from '../beside-process.ts';
import { percentile } from '../figures/samples.ts';
import { isStamped, monotonicMs, numberOf, sentMsOf } from '../figures/stamped-text.ts';
import { within } from '../wait.ts';

export type ReceiverPlace = {
  /** What it shows when it connects: `{apiKey}` or `{token}`. */
  readonly auth: Readonly<Record<string, string>>;
  readonly conversation: string;
  /** A server that promises no order: messages out of their sequence are counted and not a fault. */
  readonly anyOrder?: boolean;
};

export type Received = {
  readonly deliveries: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Messages that arrived out of their sequence. */
  readonly disordered: number;
};

type Order =
  | { readonly do: 'connect'; readonly url: string; readonly places: readonly ReceiverPlace[] }
  /** Answered when each receiver has so many of its conversation, with the latencies since the last one. */
  | { readonly do: 'await'; readonly counts: Readonly<Record<string, number>>; readonly waitMs: number }
  | { readonly do: 'numbers' };

/** `message:new` as upstream's client sees it. */
type Row = { readonly conversation_id: string; readonly sequence: number; readonly content: string };

export class EventReceivers {
  readonly #beside: BesideProcess<object>;

  private constructor(beside: BesideProcess<object>) {
    this.#beside = beside;
  }

  /** Resolves when all are connected and have joined. */
  static async open(url: string, places: readonly ReceiverPlace[]): Promise<EventReceivers> {
    const beside = await startBeside<object>('receivers', fileURLToPath(import.meta.url), ['receive']);
    await beside.ask({ do: 'connect', url, places } satisfies Order, openMsMax);
    return new EventReceivers(beside);
  }

  get pid(): number {
    return this.#beside.pid;
  }

  /** Waits until each receiver has as many messages as its conversation has. Rejects when one got what it should not. */
  received(counts: ReadonlyMap<string, number>): Promise<Received> {
    const order: Order = { do: 'await', counts: Object.fromEntries(counts), waitMs: deliveryMsMax };
    return this.#beside.ask<Received>(order, deliveryMsMax + 5_000);
  }

  /** For each receiver the numbers of what it got: of sequence 1, 2, 3… */
  async numbers(): Promise<readonly (readonly number[])[]> {
    const { numbers } = await this.#beside.ask<{ numbers: number[][] }>(
      { do: 'numbers' } satisfies Order,
      30_000,
    );
    return numbers;
  }

  close(): Promise<void> {
    return this.#beside.close();
  }
}

const openMsMax = 30_000;
const deliveryMsMax = 20_000;

/** One connected client. A fault is kept until somebody asks. */
class Receiver {
  /** By sequence. */
  readonly numbers: number[] = [];
  readonly latencies: number[] = [];
  disordered = 0;
  #count = 0;
  readonly #conversation: string;
  readonly #anyOrder: boolean;
  readonly #socket: Socket;
  #fault: Error | undefined;
  #onChange: () => void = () => undefined;

  constructor(url: string, { auth, conversation, anyOrder = false }: ReceiverPlace) {
    this.#conversation = conversation;
    this.#anyOrder = anyOrder;
    this.#socket = io(url, {
      transports: ['websocket'],
      auth,
      reconnection: false,
      forceNew: true,
    });
    this.#socket.on('message:new', (row: Row) => this.#take(row));
    this.#socket.on('disconnect', (reason) =>
      this.#fail(new Error(`a receiver was disconnected: ${reason}`)),
    );
  }

  async join(): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#socket.once('connect', resolve);
      this.#socket.once('connect_error', reject);
    });
    const answer = (await this.#socket.emitWithAck('join:conversation', this.#conversation)) as object;
    if ((answer as { success?: boolean }).success !== true) throw new Error(JSON.stringify(answer));
  }

  /** Resolves at `count` messages. */
  async until(count: number): Promise<void> {
    while (this.#count < count && this.#fault === undefined) {
      await new Promise<void>((resolve) => {
        this.#onChange = resolve;
      });
    }
    if (this.#fault !== undefined) throw this.#fault;
    if (this.#count > count) throw new Error(`${this.#count} messages of ${count}`);
  }

  #take({ conversation_id, sequence, content }: Row): void {
    this.latencies.push(monotonicMs() - sentMsOf(content));
    this.#count += 1;
    if (conversation_id !== this.#conversation) this.#fail(new Error(`a message of ${conversation_id}`));
    if (this.numbers[sequence - 1] !== undefined) this.#fail(new Error(`sequence ${sequence} twice`));
    if (sequence !== this.#count) {
      this.disordered += 1;
      if (!this.#anyOrder) this.#fail(new Error(`sequence ${sequence} where ${this.#count} belongs`));
    }
    if (!isStamped(content)) this.#fail(new Error(`sequence ${sequence} has another text`));
    this.numbers[sequence - 1] = numberOf(content);
    this.#onChange();
  }

  #fail(error: Error): void {
    this.#fault ??= error;
    this.#onChange();
  }
}

async function receive(): Promise<void> {
  let receivers: readonly (readonly [conversation: string, Receiver])[] = [];
  const connect = async (url: string, places: readonly ReceiverPlace[]): Promise<object> => {
    receivers = places.map((place) => [place.conversation, new Receiver(url, place)] as const);
    await Promise.all(receivers.map(([, receiver]) => receiver.join()));
    return {};
  };
  const awaited = async (counts: Readonly<Record<string, number>>, waitMs: number): Promise<Received> => {
    const all = receivers.map(([conversation, receiver]) => receiver.until(counts[conversation] ?? 0));
    await within('every message at every receiver', waitMs, Promise.all(all));
    const latencies = receivers.flatMap(([, receiver]) => receiver.latencies.splice(0));
    return {
      deliveries: latencies.length,
      p50Ms: percentile(latencies, 0.5),
      p99Ms: percentile(latencies, 0.99),
      disordered: receivers.reduce((sum, [, receiver]) => sum + receiver.disordered, 0),
    };
  };
  serveBeside<Order>({}, async (order) => {
    if (order.do === 'connect') return connect(order.url, order.places);
    if (order.do === 'await') return awaited(order.counts, order.waitMs);
    return { numbers: receivers.map(([, { numbers }]) => numbers) };
  });
}

if (process.argv[2] === 'receive' && process.argv[1] === fileURLToPath(import.meta.url)) await receive();
