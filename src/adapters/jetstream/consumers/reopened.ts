/**
 * A consumer that is opened again when its stream was made anew: the durable of the old one is gone with
 * it, and the sequences that were seen mean nothing in the new one.
 *
 *   open --stream or durable is gone--> closing -> opening (until it works) -> open
 */
import type { Logger } from '../../../ports/logger.ts';
import type { Streams } from '../streams/streams.ts';

export interface Opened {
  /** May be called more than once. */
  close(): Promise<void>;
}

interface Options {
  readonly streams: Pick<Streams, 'refresh' | 'onMadeAnew'>;
  /** Of the log that it consumes; absent: of another stream. */
  readonly partition?: number;
  /** Opens it; calls `onLost` when the server says that stream or durable do not exist. */
  readonly open: (onLost: () => void) => Promise<Opened>;
  readonly log: Logger;
}

const pauseMinMs = 100;
const pauseMaxMs = 2_000;

/** Rejects when it cannot be opened the first time; from then on it is tried until it is closed. */
export async function openReopened({ streams, partition, open, log }: Options): Promise<Opened> {
  let isClosed = false;
  let wake: () => void = () => undefined;
  let current = await begin();
  let turn: Promise<void> = Promise.resolve();

  async function begin(): Promise<Opened> {
    const opened = await open(() => void lost(opened));
    return opened;
  }

  async function replace(): Promise<void> {
    for (let pauseMs = pauseMinMs; !isClosed; pauseMs = Math.min(pauseMs * 2, pauseMaxMs)) {
      try {
        await current.close();
        if (!isClosed) current = await begin();
        return;
      } catch (error) {
        log.warn({ error, partition }, 'A consumer cannot be opened again yet');
        await pause(pauseMs);
      }
    }
  }

  /** Opens another one in place of this, once: both the streams and the server may say that it is needed. */
  function reopen(old: Opened): void {
    turn = turn.then(() => (old === current ? replace() : undefined));
  }

  /** Gone without a reconnect: the stream is made again first, and whoever consumes others of them is told. */
  async function lost(old: Opened): Promise<void> {
    if (isClosed || old !== current) return;
    try {
      await streams.refresh();
      reopen(old);
    } catch (error) {
      // The server repeats it for as long as it is so.
      log.warn({ error, partition }, 'A stream is gone and cannot be made again yet');
    }
  }

  function pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  const stop = streams.onMadeAnew((partitions) => {
    if (partition !== undefined && partitions.includes(partition)) reopen(current);
  });
  return {
    async close() {
      isClosed = true;
      stop();
      wake();
      await turn;
      await current.close();
    },
  };
}
