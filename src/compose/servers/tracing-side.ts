/** Traces, if the standard variables name a collector: otherwise not even their library is loaded. */
import { packageVersion } from '../../config/package-version.ts';
import { noTracing } from '../../contract/no-tracing.ts';
import type { NodeId } from '../../domain/ids.ts';
import { traceIdOf } from '../../domain/trace-context.ts';
import type { Logger } from '../../ports/logger.ts';
import type { Metrics } from '../../ports/metrics.ts';
import type { Tracing } from '../../ports/tracing.ts';
import type { NodeConfig } from '../node-config.ts';
import type { Releases } from '../releases.ts';

export interface TracingDeps {
  readonly node: NodeId;
  readonly metrics: Pick<Metrics, 'spans'>;
  readonly logger: Logger;
}

/** Never rejects for a collector that is away: that costs spans, which are counted. */
export async function openTracingSide(
  config: NodeConfig,
  { node, metrics, logger }: TracingDeps,
  releases: Releases,
): Promise<Tracing> {
  const { otelEndpoint, otelTracesEndpoint, otelExporter, isOtelDisabled } = config;
  const url = otelTracesEndpoint ?? (otelEndpoint === null ? null : `${otelEndpoint}/v1/traces`);
  if (url === null || otelExporter === 'none' || isOtelDisabled) return noTracing;
  const watch = collectorWatch(url, logger);
  const { openTracing } = await import('../../adapters/opentelemetry/open-tracing.ts');
  const { tracing, close } = openTracing({
    ...{ url, headers: config.otelHeaders, timeoutMs: config.otelTimeoutMs },
    ...{ sampler: config.otelSampler, samplerRatio: config.otelSamplerArg },
    resource: {
      ...config.otelResource,
      'service.name': config.otelServiceName,
      'service.version': packageVersion(),
      'service.instance.id': node,
    },
    onSpans(outcome, count, reason) {
      metrics.spans.add(outcome, count);
      watch(outcome, reason);
    },
  });
  releases.add('traces', close);
  return tracing;
}

/** A line when the collector begins to fail and one when it is back: what is in between is counted. */
function collectorWatch(address: string, logger: Logger): (outcome: string, reason?: string) => void {
  // What else is in it may be a credential.
  const url = new URL(address).origin;
  let isAway = false;
  return (outcome, reason = 'unknown') => {
    if (outcome === 'failed' && !isAway) {
      isAway = true;
      logger.warn({ url, reason }, 'The collector does not take traces');
    } else if (outcome === 'exported' && isAway) {
      isAway = false;
      logger.info({ url }, 'The collector takes traces again');
    }
  };
}

/** Lines of what is traced say so: `trace_id` finds the trace of a line, and the lines of a trace. */
export function loggerWithTraces(logger: Logger, tracing: Tracing): Logger {
  const traced = (fields: object): object => {
    const span = tracing.current();
    return span === null ? fields : { trace_id: traceIdOf(span.traceparent), ...fields };
  };
  return {
    debug: (fields, message) => logger.debug(traced(fields), message),
    info: (fields, message) => logger.info(traced(fields), message),
    warn: (fields, message) => logger.warn(traced(fields), message),
    error: (fields, message) => logger.error(traced(fields), message),
    child: (fields) => loggerWithTraces(logger.child(fields), tracing),
  };
}
