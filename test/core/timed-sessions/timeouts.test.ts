import fc from 'fast-check';
import t from 'tap';
import { mergedTimeouts, numberIn } from '../../../src/core/timed-sessions/timeouts.ts';

const defaults = {
  ...{ timeoutMinutes: 30, minMinutes: 5, maxMinutes: 1_440, maxDurationMinutes: 720, warningMinutes: 5 },
};
const merged = (asked: object = {}, settings: Record<string, unknown> = {}) =>
  mergedTimeouts(defaults, settings, asked);

t.test('what nobody says is as the environment says', async (t) => {
  const ofEnvironment = {
    ...{ timeoutMinutes: 30, autoRenew: true, maxDurationMinutes: 720, warningThresholdMinutes: 5 },
  };
  t.same(merged(), ofEnvironment);
  const nonsense = {
    timeoutMinutes: 'soon',
    maxDurationMinutes: null,
    autoRenew: 'yes',
    warningThresholdMinutes: {},
  };
  t.same(merged(nonsense), ofEnvironment, 'nonsense says nothing');
  t.same(merged({ timeoutMinutes: Number.NaN, maxDurationMinutes: ' ' }), ofEnvironment);
});

t.test('an agent is set to other timeouts, and what is asked for wins', async (t) => {
  const settings = {
    SESSION_TIMEOUT_MINUTES: '60',
    SESSION_MAX_DURATION_MINUTES: 90,
    SESSION_WARNING_THRESHOLD_MINUTES: '7',
    SESSION_AUTO_RENEW: 'false',
  };
  const ofAgent = {
    timeoutMinutes: 60,
    autoRenew: false,
    maxDurationMinutes: 90,
    warningThresholdMinutes: 7,
  };
  t.same(merged({}, settings), ofAgent);
  t.same(merged({ timeoutMinutes: '20', autoRenew: true }, settings), {
    ...{ ...ofAgent, timeoutMinutes: 20, autoRenew: true },
  });
  t.same(merged({ timeoutMinutes: 'x' }, settings).timeoutMinutes, 60);
});

t.test('what is out of range becomes the nearest that is not', async (t) => {
  t.equal(merged({ timeoutMinutes: 1 }).timeoutMinutes, 5);
  t.equal(merged({ timeoutMinutes: 1e9 }).timeoutMinutes, 1_440);
  t.equal(merged({ maxDurationMinutes: 1e9 }).maxDurationMinutes, 2_880);
  t.equal(merged({ maxDurationMinutes: 1 }).maxDurationMinutes, 30, 'it lasts one timeout at least');
  t.equal(merged({ timeoutMinutes: 1_000 }).maxDurationMinutes, 1_000, 'also where nobody said how long');
  t.equal(merged({ warningThresholdMinutes: -3 }).warningThresholdMinutes, 1);
  t.equal(merged({ warningThresholdMinutes: 600 }).warningThresholdMinutes, 600, 'longer than the timeout');
  t.equal(merged({}, { SESSION_TIMEOUT_MINUTES: 1 }).timeoutMinutes, 5);
});

t.test('whatever is asked for, a session has timeouts in range', async () => {
  const field = fc.oneof(fc.anything(), fc.double(), fc.integer().map(String), fc.boolean());
  const asking = fc.record(
    { timeoutMinutes: field, autoRenew: field, maxDurationMinutes: field, warningThresholdMinutes: field },
    { requiredKeys: [] },
  );
  const setting = fc.dictionary(
    fc.constantFrom('SESSION_TIMEOUT_MINUTES', 'SESSION_MAX_DURATION_MINUTES', 'SESSION_AUTO_RENEW'),
    field,
  );
  fc.assert(
    fc.property(asking, setting, (asked, settings) => {
      const { timeoutMinutes, autoRenew, maxDurationMinutes, warningThresholdMinutes } = merged(
        asked,
        settings,
      );
      return (
        timeoutMinutes >= 5 &&
        timeoutMinutes <= 1_440 &&
        maxDurationMinutes >= timeoutMinutes &&
        maxDurationMinutes <= 2_880 &&
        warningThresholdMinutes >= 1 &&
        Number.isFinite(warningThresholdMinutes) &&
        typeof autoRenew === 'boolean'
      );
    }),
  );
});

t.test('texts are numbers when they are nothing else', async (t) => {
  for (const [value, number] of [
    ...[
      ['7.5', 7.5],
      [' 8 ', 8],
      ['1e2', 100],
      [9, 9],
      ['', null],
      ['9 min', null],
      ['Infinity', null],
    ],
    ...[
      [true, null],
      [[5], null],
      [undefined, null],
    ],
  ] as const)
    t.equal(numberIn(value), number, JSON.stringify(value));
});
