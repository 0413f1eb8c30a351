/** Media of agents and channels: a list for each way to word refusals. */
import type { Operation } from '../../../contract/operation.ts';
import type { ElizaDeps } from '../deps.ts';
import { openMediaFiles } from './media-files.ts';
import { mediaReadRoutes } from './read-routes.ts';
import { agentUploadRoutes, channelUploadRoutes } from './upload-routes.ts';

export interface MediaRoutes {
  readonly agents: readonly Operation[];
  readonly channels: readonly Operation[];
  readonly files: readonly Operation[];
}

export function mediaRoutes(deps: ElizaDeps): MediaRoutes {
  const files = openMediaFiles(deps.media.signer, deps.clock);
  return {
    agents: agentUploadRoutes(deps, files),
    channels: channelUploadRoutes(deps, files),
    files: mediaReadRoutes(deps, files),
  };
}
