/** Parley and the real server, driven by the same code: each with a message server of its own and the same key. */
import { type ElizaClient, type ElizaSide, elizaClient } from '../../kit/clients/eliza-client.ts';
import { elizaKey } from '../../kit/parley-process.ts';
import type { ScenarioContext } from '../../kit/scenario.ts';
import { openElizaPeer } from '../../peers/eliza/eliza-peer.ts';

/** The usual name of the reference in the table. */
export const realName = '(e) the real @elizaos/server 1.7.2';

/** In flight at once, as in measured figures of the real server. */
export const inFlight = 16;

/** A participant that never speaks: the real server refuses a message that nobody else could answer. */
export const companion = 'b0000000-0000-4000-8000-000000000000';

export function author(index: number): string {
  return `a0000000-0000-4000-8000-${index.toString(16).padStart(12, '0')}`;
}

export type OpenSide = ElizaSide & { readonly client: ElizaClient };

/** The real server is started for one scenario and has nothing but what that posts. */
export async function openSides(
  context: ScenarioContext,
): Promise<{ readonly parley: OpenSide; readonly real: OpenSide }> {
  const peer = await openElizaPeer(elizaKey, (line) => console.error(line));
  context.closers.add(() => peer.close());
  const open = async (url: string): Promise<OpenSide> => {
    const side = { url, key: elizaKey };
    return { ...side, client: await elizaClient(side) };
  };
  return { parley: await open((await context.stack.parley()).url), real: await open(peer.url) };
}
