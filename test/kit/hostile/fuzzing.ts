/** How long the fuzzers try: the same few values with `make test`, other and many more with `make fuzz`. */
const wanted = process.env['PARLEY_TEST_FUZZ_RUNS'];
const isLong = wanted !== undefined;
const runs = Number(wanted ?? 8);

export const fuzzing = {
  isLong,
  parameters: { numRuns: runs, ...(isLong ? {} : { seed: 20_261_120 }) },
  timeoutMs: isLong ? 3_600_000 : 240_000,
} as const;
