import fc from 'fast-check';
import t from 'tap';
import { clockAheadMs, formatMicros, nextMicros, parseMicros } from '../../src/domain/time.ts';

/** 1970 to 2255: what fits into a safe integer. */
const micros = fc.integer({ min: 0, max: 9_007_199_254_740_991 - 1_000_000 });

t.test('every time is printed with six fraction digits and read back as it was', async () => {
  fc.assert(
    fc.property(micros, (at) => {
      const text = formatMicros(at);
      return /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/.test(text) && parseMicros(text) === at;
    }),
  );
});

t.test('texts of times sort like the times', async () => {
  fc.assert(fc.property(micros, micros, (a, b) => a < b === formatMicros(a) < formatMicros(b)));
});

t.test('reading does not depend on what was printed before', async () => {
  fc.assert(
    fc.property(micros, micros, (printed, at) => {
      const text = formatMicros(at);
      formatMicros(printed);
      return parseMicros(text) === at;
    }),
  );
});

t.test('the next time is later than the previous one whatever the clock says', async () => {
  fc.assert(
    fc.property(micros, micros, (now, previous) => {
      const next = nextMicros(now, previous);
      return next > previous && (next === now || next === previous + 1);
    }),
  );
});

t.test('zones, dates alone, missing seconds and one to nine fraction digits are read', async (t) => {
  const noon = 1_795_176_000_000_000;
  for (const [text, expected] of [
    ['2026-11-20T12:00:00Z', noon],
    ['2026-11-20T12:00Z', noon],
    ['2026-11-20 12:00:00', noon],
    ['2026-11-20t12:00:00z', noon],
    ['2026-11-20T13:30:00+01:30', noon],
    ['2026-11-20T13:30:00+0130', noon],
    ['2026-11-20T04:00:00-08:00', noon],
    ['2026-11-20', noon - 12 * 3_600_000_000],
    ['2026-11-20T12:00:00.5Z', noon + 500_000],
    ['2026-11-20T12:00:00.123456Z', noon + 123_456],
    ['2026-11-20T12:00:00.123456999Z', noon + 123_456],
    ['2028-02-29', 1_835_395_200_000_000],
  ] as const) {
    t.equal(parseMicros(text), expected, text);
  }
});

t.test('what is no time is null', async (t) => {
  for (const text of [
    '',
    'yesterday',
    '1795176000',
    '2026-02-29T00:00:00Z',
    '2026-02-30',
    '2026-04-31T10:00:00Z',
    '2026-13-01',
    '2026-00-10',
    '2026-11-00',
    '2026-11-20T24:00:00Z',
    '2026-11-20T12:60:00Z',
    '2026-11-20T12:00:61Z',
    '2026-11-20T12:00:00.Z',
    '2026-11-20T12:00:00.1234567890Z',
    '2026-11-20T12:00:00+25:00',
    ' 2026-11-20T12:00:00Z',
    '2026-11-20T12:00:00Z\n',
    '2026-11-20T12:00:00.12345aZ',
    '+002026-11-20',
  ]) {
    t.equal(parseMicros(text), null, text);
  }
});

t.test(
  'a clock is wrong by what it says before the question or after the answer, and a slow answer says nothing',
  async (t) => {
    t.equal(clockAheadMs(1_000, 1_000, 9_000), 0);
    t.equal(clockAheadMs(9_000, 1_000, 9_000), 0);
    t.equal(clockAheadMs(9_500, 1_000, 9_000), 500);
    t.equal(clockAheadMs(400, 1_000, 9_000), -600);
  },
);
