/** Bounds of General Bots (generalbots.md §3 and §4.4): part of `limits`. */
import { guestLimits } from './guest-limits.ts';

export const chatLimits = {
  ...guestLimits,
  chatMessageCharsMax: 10_000,
  chatAttachmentsMax: 10,
  chatPageMax: 100,
  /** Of the newest message in a list. */
  chatPreviewCharsMax: 200,
  chatFrameBytesMax: 65_536,
  /** Sessions that one socket is attached to. */
  chatAttachedMax: 16,
  /** Without any sign of life a socket is closed after this… */
  chatIdleSec: 120,
} as const;
