import type { ChatDeps } from '../chat-deps.ts';

export type MediaRouteDeps = Pick<ChatDeps, 'bus' | 'personal' | 'projectedNow' | 'uploads' | 'urls'>;
