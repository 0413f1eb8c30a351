/** Variables of sessions that end by themselves, with the names and ranges that ElizaOS gives them. */
import { wholeNumber } from './parsers.ts';
import { defaulted } from './variable.ts';

export const sessionVariables = {
  sessionTimeoutMinutes: defaulted(
    'SESSION_DEFAULT_TIMEOUT_MINUTES',
    30,
    'Eliza: a session that is not used ends after so many minutes, unless its agent or its client says otherwise',
    wholeNumber(1, 10_080),
  ),
  sessionMinMinutes: defaulted(
    'SESSION_MIN_TIMEOUT_MINUTES',
    5,
    'Eliza: the shortest timeout of a session',
    wholeNumber(1, 60),
  ),
  sessionMaxMinutes: defaulted(
    'SESSION_MAX_TIMEOUT_MINUTES',
    1_440,
    'Eliza: the longest timeout of a session',
    wholeNumber(60, 10_080),
  ),
  sessionDurationMinutes: defaulted(
    'SESSION_MAX_DURATION_MINUTES',
    720,
    'Eliza: a session ends after so many minutes however much it is used, unless its agent or its client says otherwise',
    wholeNumber(60, 20_160),
  ),
  sessionWarningMinutes: defaulted(
    'SESSION_WARNING_THRESHOLD_MINUTES',
    5,
    'Eliza: so long before the end of a session its clients are warned',
    wholeNumber(1, 60),
  ),
  sessionSweepMinutes: defaulted(
    'SESSION_CLEANUP_INTERVAL_MINUTES',
    5,
    'Eliza: how often sessions that have ended are removed',
    wholeNumber(1, 60),
  ),
} as const;
