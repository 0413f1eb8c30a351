/** A message that a request names without its channel. */
import type { MessageId } from '../../../../domain/ids.ts';
import { hasScope, type Principal } from '../../../../domain/principal.ts';
import { Problem } from '../../../../domain/problem.ts';
import type { ElizaDeps } from '../../deps.ts';
import type { Said } from '../acting.ts';
import { type Channel, readableChannel } from '../channels/channel.ts';
import { isShown } from './encode-message.ts';
import type { ShownMessage } from './read-messages.ts';

export interface NamedMessage extends Channel {
  readonly entry: ShownMessage;
}

type Deps = Pick<ElizaDeps, 'bus' | 'survey' | 'projectedNow'>;

export const noMessage = (): Problem => new Problem('not_found', 'Message not found');

/** `not_found` for what is not there, is deleted, or is not for the caller. */
export async function findMessage(
  deps: Deps,
  caller: Principal,
  message: MessageId,
  said: Pick<Said, 'env'>,
): Promise<NamedMessage | Problem> {
  const where = await soughtTwice(deps, () => channelOf(deps, caller, message));
  if (where === null) return noMessage();
  if (where instanceof Problem) return where;
  const channel = await readableChannel(deps, caller, where, said);
  if (channel instanceof Problem) return channel.code === 'not_found' ? noMessage() : channel;
  const entry = await deps.bus.entry(caller, where, message, said.env);
  if (entry instanceof Problem) return entry;
  if (entry === null || !isShown(entry, caller.kind !== 'user')) return noMessage();
  return { ...channel, entry: entry as ShownMessage };
}

/** What was acknowledged just now may not be projected yet: what `look` does not find is looked for once more then. */
export async function soughtTwice<T>(
  { projectedNow }: Pick<ElizaDeps, 'projectedNow'>,
  look: () => Promise<T | null>,
): Promise<T | null> {
  const found = await look();
  if (found !== null) return found;
  await projectedNow();
  return await look();
}

/** Where it takes part comes first; who may read everything looks everywhere. */
async function channelOf({ bus, survey }: Deps, caller: Principal, message: MessageId) {
  const own = await bus.conversationOf(caller, message);
  if (own !== null || !hasScope(caller, 'cap:messaging.observe')) return own;
  return await survey.ofMessage(caller.tenant, message);
}
