import { freePort } from '../../adapters/embedded/free-port.ts';
import { Failure, sentenceOf } from '../failure.ts';

/**
 * Fails when something listens on the port. Asked before any server is started, so that the answer comes at
 * once and is about the port; and workers, which share theirs, would share it with a stranger, too.
 */
export async function requireFreePort(host: string, port: number): Promise<void> {
  if (port === 0) return;
  const free = await freePort(port, host).catch((error: unknown) => {
    throw new Failure(`cannot listen on ${host}: ${sentenceOf(error)}`, 1, { cause: error });
  });
  if (free === port) return;
  throw new Failure(
    `port ${port} on ${host} is taken: stop what listens there, or set PORT (${free} is free)`,
  );
}
