/**
 * Timeouts of a session, merged: what was asked for, else what its agent is set to, else the environment. Nothing is
 * refused here: what is no number counts as not asked for, and what is out of range becomes the nearest that is not.
 */
import { limits } from '../../domain/limits.ts';
import type { AskedTimeouts, Timeouts } from '../../ports/agents/timed-sessions.ts';

/** The SESSION_ variables of the environment. */
export interface TimeoutDefaults {
  readonly timeoutMinutes: number;
  readonly minMinutes: number;
  readonly maxMinutes: number;
  readonly maxDurationMinutes: number;
  readonly warningMinutes: number;
}

/** Names of an agent's settings. */
const settingOf = {
  timeoutMinutes: 'SESSION_TIMEOUT_MINUTES',
  maxDurationMinutes: 'SESSION_MAX_DURATION_MINUTES',
  warningThresholdMinutes: 'SESSION_WARNING_THRESHOLD_MINUTES',
  autoRenew: 'SESSION_AUTO_RENEW',
} as const;

export function mergedTimeouts(
  defaults: TimeoutDefaults,
  settings: Readonly<Record<string, unknown>>,
  asked: AskedTimeouts,
): Timeouts {
  const { minMinutes, maxMinutes } = defaults;
  const numberOf = (field: keyof typeof settingOf, otherwise: number): number =>
    numberIn(asked[field]) ?? numberIn(settings[settingOf[field]]) ?? otherwise;
  const timeoutMinutes = within(numberOf('timeoutMinutes', defaults.timeoutMinutes), minMinutes, maxMinutes);
  return {
    timeoutMinutes,
    autoRenew: flagIn(asked.autoRenew) ?? flagIn(settings[settingOf.autoRenew]) ?? true,
    maxDurationMinutes: within(
      numberOf('maxDurationMinutes', defaults.maxDurationMinutes),
      timeoutMinutes,
      maxMinutes * limits.sessionTimeoutsInDuration,
    ),
    warningThresholdMinutes: within(
      numberOf('warningThresholdMinutes', defaults.warningMinutes),
      1,
      limits.sessionWarningMinutesMax,
    ),
  };
}

/** A number, or a text that is one; null: anything else. */
export function numberIn(value: unknown): number | null {
  const isText = typeof value === 'string' && value.trim() !== '';
  if (typeof value !== 'number' && !isText) return null;
  const number = Number(value);
  return Number.isFinite(number) ? number : null;
}

function flagIn(value: unknown): boolean | null {
  if (value === true || value === 'true') return true;
  return value === false || value === 'false' ? false : null;
}

const within = (value: number, min: number, max: number): number => Math.min(Math.max(value, min), max);
