import type { ChatDeps } from '../chat-deps.ts';

export type MediaRouteDeps = Pick<
  ChatDeps,
  'bus' | 'clock' | 'personal' | 'projectedNow' | 'uploads' | 'urls'
>;
