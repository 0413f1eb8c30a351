import type { Operation } from '../../../../contract/operation.ts';
import { contentRoutes } from './content-routes.ts';
import type { MediaRouteDeps } from './media-route-deps.ts';
import { mediaRoutes } from './media-routes.ts';

/** Media (vero.md §7). */
export function mediaOperations(deps: MediaRouteDeps): readonly Operation[] {
  return [...mediaRoutes(deps), ...contentRoutes(deps)];
}
