/** The door for services on NATS, where nats-server asks us who they are. */
import { openDoor, readNatsCredentials } from '../../adapters/jetstream/door/open-door.ts';
import { packageVersion } from '../../config/package-version.ts';
import { countOverload } from '../../contract/count-overload.ts';
import { nativeService } from '../../dialects/native/service.ts';
import type { Problem } from '../../domain/problem.ts';
import type { Metrics } from '../../ports/metrics.ts';
import type { Tracing } from '../../ports/tracing.ts';
import type { DialectDeps } from '../dialects.ts';
import type { Releases } from '../releases.ts';

export interface NatsDoorOptions {
  readonly url: string;
  readonly credsFile: string | null;
  readonly metrics: Metrics;
  readonly tracing: Tracing;
}

/**
 * Opens it when the credentials are Parley's own; false when they are not. With others this nats-server has no callout of ours: whoever
 * it lets in could publish to any subject there, so a subject proves nothing and nothing is answered.
 */
export async function openNatsDoor(
  { url, credsFile, metrics, tracing }: NatsDoorOptions,
  { core, identity, node, clock, logger, rates }: DialectDeps,
  releases: Releases,
): Promise<boolean> {
  if (credsFile === null || readNatsCredentials(credsFile) === null) {
    logger.info(
      {},
      'NATS_CREDS holds no credentials of Parley: no auth callout and no api service, since subjects prove nothing on such a server',
    );
    return false;
  }
  const { bus } = core;
  const dialect = nativeService({ bus, clock, directory: identity.directory, logger, rates });
  const { authenticator, named } = identity;
  const facts = { name: `parley ${node}`, version: packageVersion(), log: logger };
  const onRefused = (problem: Problem): void => countOverload(metrics, problem);
  const door = await openDoor({
    url,
    credsFile,
    authenticator,
    named,
    dialect,
    onRefused,
    tracing,
    ...facts,
  });
  releases.add('nats door', () => door.close());
  return true;
}
