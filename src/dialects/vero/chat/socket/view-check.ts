/**
 * A note of a change may be lost, and an open socket would go on with what it saw before. So what sockets see is
 * compared with what is stored: every limits.viewsCheckedMs, and at once when changes may have been missed.
 */
import type { PrincipalId, TenantId } from '../../../../domain/ids.ts';
import { limits } from '../../../../domain/limits.ts';
import { Problem } from '../../../../domain/problem.ts';
import type { Micros } from '../../../../domain/time.ts';
import type { Clock } from '../../../../ports/clock.ts';
import type { Personal, Unwanted } from '../../../../ports/conversations/personal.ts';
import type { Logger } from '../../../../ports/logger.ts';

/** Somebody whose sockets are open here. */
export interface Watched {
  readonly tenant: TenantId;
  readonly id: PrincipalId;
  /** Called before it is read; takes what was read, unless a change came in between. */
  compare(): (stored: Unwanted) => void;
}

export interface ViewCheck {
  /** Somebody is watched: looks again and again until nobody is. */
  begin(): void;
}

interface Deps {
  readonly personal: Pick<Personal, 'unwanted' | 'onMissed'>;
  readonly clock: Pick<Clock, 'nowMicros' | 'after'>;
  readonly logger: Pick<Logger, 'error'>;
}

const nothing: Unwanted = { blocked: new Set(), cleared: new Map() };

/** `watched`: everybody who is watched now. */
export function openViewCheck(
  { personal, clock, logger }: Deps,
  watched: () => Iterable<Watched>,
): ViewCheck {
  /** What was cleared before is known. */
  let since: Micros = clock.nowMicros();
  let isDue = false;
  let isRunning = false;
  let isAskedAgain = false;

  function schedule(): void {
    if (isDue) return;
    isDue = true;
    clock.after(limits.viewsCheckedMs, () => {
      isDue = false;
      check();
    });
  }

  /** One at a time; asked for meanwhile, once more. */
  function check(): void {
    isAskedAgain = isRunning;
    if (isRunning) return;
    isRunning = true;
    compareAll()
      .catch((error: unknown) => logger.error({ error }, 'Views could not be compared'))
      .finally(() => {
        isRunning = false;
        if (isAskedAgain) check();
      });
  }

  async function compareAll(): Promise<void> {
    const startedAt = clock.nowMicros();
    const people = [...watched()];
    if (people.length === 0) return;
    schedule();
    let isComplete = true;
    // One statement at a time: however many are watched, others find a connection.
    for (const some of byTenant(people)) isComplete = (await compareSome(some)) && isComplete;
    if (isComplete) since = startedAt;
  }

  /** False: the store is away, and the next look makes it good. */
  async function compareSome(some: readonly Watched[]): Promise<boolean> {
    const [any] = some;
    if (any === undefined) return true;
    const compared = some.map((one) => one.compare());
    const ids = some.map(({ id }) => id);
    const stored = await personal.unwanted(any.tenant, ids, since - limits.viewsOverlapUs);
    if (stored instanceof Problem) return false;
    for (const [index, { id }] of some.entries()) compared[index]?.(stored.get(id) ?? nothing);
    return true;
  }

  personal.onMissed(check);
  return { begin: schedule };
}

/** Parts of one tenant each, bounded. */
function* byTenant(people: readonly Watched[]): Iterable<readonly Watched[]> {
  const groups = new Map<TenantId, Watched[]>();
  for (const one of people) {
    const known = groups.get(one.tenant);
    if (known === undefined) groups.set(one.tenant, [one]);
    else known.push(one);
  }
  for (const own of groups.values())
    for (let start = 0; start < own.length; start += limits.viewsCheckedAtOnceMax)
      yield own.slice(start, start + limits.viewsCheckedAtOnceMax);
}
