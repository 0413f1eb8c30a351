import type { Consumer, ConsumerConfig, JetStreamClient, JetStreamManager } from '@nats-io/jetstream';
import { apiErrors, isApiError } from '../api-errors.ts';

/** The durable consumer of this name on a stream as it is there; made as `config` says when there is none yet. */
export async function durableConsumer(
  { consumers }: Pick<JetStreamClient, 'consumers'>,
  manager: Pick<JetStreamManager, 'consumers'>,
  stream: string,
  config: Partial<ConsumerConfig> & { readonly durable_name: string },
): Promise<Consumer> {
  try {
    return await consumers.get(stream, config.durable_name);
  } catch (error) {
    if (!isApiError(error, apiErrors.consumerNotFound)) throw error;
  }
  await manager.consumers.add(stream, config);
  return await consumers.get(stream, config.durable_name);
}
