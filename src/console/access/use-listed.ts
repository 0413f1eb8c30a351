/** A list that the server keeps: read when it is first shown, and again after each change. */
import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import type { Requests } from '../session/requests.ts';
import { useWork } from '../shell/use-work.ts';

export interface Listed<T> {
  /** Null: not read yet. */
  readonly rows: readonly T[] | null;
  /** The server has more than it told. */
  readonly hasMore: boolean;
  /** A change is under way. */
  readonly isBusy: boolean;
  /** Why the last change or reading failed. */
  readonly problem: string | null;
  readonly reload: () => Promise<boolean>;
  /** Does it, then reads the list again. True when both were done. */
  readonly change: (piece: () => Promise<void>) => Promise<boolean>;
}

type Page<T> = Readonly<Record<string, readonly T[] | string | null>>;

/** More than one looks through; the rest is for `parley admin`. */
export const shownMax = 200;

/** `name`: of the rows in the answer. */
export function useListed<T>(requests: Requests, path: string, name: string): Listed<T> {
  const [page, setPage] = useState<Page<T> | null>(null);
  const reading = useWork();
  const changing = useWork();
  const readings = useRef(0);
  const read = useCallback(async (): Promise<void> => {
    readings.current += 1;
    const mine = readings.current;
    const found = await requests.send<Page<T>>('GET', `${path}?limit=${shownMax}`);
    // An answer that was overtaken tells how it was before a change.
    if (mine === readings.current) setPage(found);
  }, [requests, path]);
  const reload = (): Promise<boolean> => reading.start(read);
  useEffect(() => void reload(), [read]);
  return {
    rows: page === null ? null : (page[name] as readonly T[]),
    hasMore: page !== null && typeof page['next_cursor'] === 'string',
    isBusy: changing.isBusy,
    problem: changing.problem ?? reading.problem,
    reload,
    change: (piece) =>
      changing.start(async () => {
        await piece();
        await read();
      }),
  };
}
