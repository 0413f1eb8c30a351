import { Parser, type Result } from 'tap-parser';

export type Failure = {
  /** Names from the outermost test to the assertion. */
  readonly path: readonly string[];
  /** What tap says about it: diff, place, stack, the error. */
  readonly diagnosis: Readonly<Record<string, unknown>>;
};

/** What one test file said. A case is a test without tests inside it, not an assertion. */
export type TapResults = {
  passed: number;
  failed: number;
  skipped: number;
  readonly failures: Failure[];
};

/**
 * Reads the TAP of one test file. `onPlan` is called when its outermost plan has come, after which the
 * process has nothing more to say.
 */
export function tapReader(onPlan: () => void): { parser: Parser; results: TapResults } {
  const results: TapResults = { passed: 0, failed: 0, skipped: 0, failures: [] };
  const parser = new Parser();
  parser.on('plan', onPlan);
  parser.on('bailout', (reason: string) => fail(results, ['bail out'], { reason }));
  watch(parser, [], results);
  return { parser, results };
}

function watch(parser: Parser, path: readonly string[], results: TapResults): void {
  const failedBefore = new Map<string, number>(); // of the tests inside this one, by name
  let ownAssertions = 0;
  let ownFailures = 0;
  parser.on('child', (child: Parser) => {
    failedBefore.set(child.name, results.failed);
    watch(child, [...path, child.name], results);
  });
  parser.on('assert', (result: Result) => {
    if (result.skip !== false || result.todo !== false) {
      results.skipped += 1;
      return;
    }
    const before = failedBefore.get(result.name);
    if (before !== undefined) {
      failedBefore.delete(result.name);
      // The line that closes a test: its cases are counted. A failure that none of them explains is not.
      if (!result.ok && results.failed === before) fail(results, [...path, result.name], result.diag);
      return;
    }
    ownAssertions += 1;
    if (result.ok) return;
    ownFailures += 1;
    const failure = { path: [...path, result.name], diagnosis: (result.diag ?? {}) as Failure['diagnosis'] };
    results.failures.push(failure);
  });
  parser.on('complete', () => {
    if (ownFailures > 0) results.failed += 1;
    else if (ownAssertions > 0) results.passed += 1;
  });
}

function fail(results: TapResults, path: readonly string[], diagnosis: unknown): void {
  results.failed += 1;
  results.failures.push({ path, diagnosis: (diagnosis ?? {}) as Failure['diagnosis'] });
}
