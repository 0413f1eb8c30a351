import { limits } from '../domain/limits.ts';
import type { Clock } from '../ports/clock.ts';

/** Something a node needs to do its work. */
export interface ReadyCheck {
  /** `nats`, `postgres`, `projection`. */
  readonly name: string;
  /** Null when it is fine, else why not, in words that anybody may read. May reject. */
  readonly check: () => Promise<string | null> | string | null;
}

export interface Readiness {
  readonly isReady: boolean;
  /** Name of a check -> `ok`, or why it failed. */
  readonly checks: Readonly<Record<string, string>>;
}

/** Asks all checks side by side; one that does not answer in time has failed. */
export async function readReadiness(checks: readonly ReadyCheck[], clock: Clock): Promise<Readiness> {
  const found = await Promise.all(
    checks.map(async (check) => [check.name, await ask(check, clock)] as const),
  );
  return { isReady: found.every(([, words]) => words === 'ok'), checks: Object.fromEntries(found) };
}

async function ask({ check }: ReadyCheck, clock: Clock): Promise<string> {
  let cancel: () => void = () => {};
  const late = new Promise<string>((resolve) => {
    cancel = clock.after(limits.readyCheckMsMax, () => resolve('does not answer'));
  });
  try {
    // What a driver says may name hosts and users: it goes to the log of who caught it, not to strangers.
    const answered = (async () => (await check()) ?? 'ok')().catch(() => 'failed');
    return await Promise.race([answered, late]);
  } finally {
    cancel();
  }
}
