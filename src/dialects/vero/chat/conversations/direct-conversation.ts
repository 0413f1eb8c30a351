/**
 * The one conversation of two principals: its id follows from the pair and from how often they ended it, so that
 * two who begin it at once begin the same (architecture.md §1). What has ended stays ended: the generation is
 * found in a logarithm of looks, and the first one is tried without looking.
 */
import type { Bus, Outcome } from '../../../../core/bus.ts';
import type { CommandContext, CreateCommand } from '../../../../domain/command.ts';
import type { ConversationId, PrincipalId } from '../../../../domain/ids.ts';
import { overloaded } from '../../../../domain/limiting/overload.ts';
import { limits } from '../../../../domain/limits.ts';
import type { Principal } from '../../../../domain/principal.ts';
import { Problem } from '../../../../domain/problem.ts';
import type { ConversationState } from '../../../../domain/state.ts';
import type { ChatDeps } from '../chat-deps.ts';

type Deps = Pick<ChatDeps, 'bus' | 'ids'>;

interface Pair {
  readonly caller: Principal;
  readonly other: PrincipalId;
}

/** `events` of the outcome is empty when it was there already. */
export async function openDirect(
  { bus, ids }: Deps,
  pair: Pair,
  command: CreateCommand,
  contextOf: (id: ConversationId) => CommandContext,
): Promise<Outcome | Problem> {
  const idOf = (generation: number): ConversationId => ids.fromName(nameOf(pair, command, generation));
  let generation = 0;
  for (let round = 0; round < limits.directRoundsMax; round += 1) {
    const outcome = await bus.dispatch(
      pair.caller,
      { ...command, isUnique: true },
      contextOf(idOf(generation)),
    );
    const isThere = !(outcome instanceof Problem) && holdsBoth(outcome.state, pair);
    const isEnded = outcome instanceof Problem && outcome.code === 'conflict' && outcome.reason === undefined;
    if (isThere || (outcome instanceof Problem && !isEnded)) return outcome;
    const next = await nextGeneration(bus, pair, idOf, generation);
    if (next instanceof Problem) return next;
    generation = next;
  }
  return overloaded('contention');
}

/** Environments and services are worlds of their own. */
function nameOf({ caller, other }: Pair, { env, service }: CreateCommand, generation: number): string {
  const both = [caller.id, other].sort();
  return JSON.stringify(['direct', caller.tenant, ...both, env, service, generation]);
}

function holdsBoth({ status, participants }: ConversationState, { caller, other }: Pair): boolean {
  return status === 'open' && participants.has(caller.id) && participants.has(other);
}

/** The first one after `ended` that has not ended: in leaps, then by halves. */
async function nextGeneration(
  bus: Bus,
  pair: Pair,
  idOf: (generation: number) => ConversationId,
  ended: number,
): Promise<number | Problem> {
  let [low, high] = [ended, ended + 1];
  for (let leap = 1; ; leap *= 2) {
    const hasEnded = await isOver(bus, pair, idOf(high));
    if (hasEnded instanceof Problem) return hasEnded;
    if (!hasEnded) break;
    [low, high] = [high, high + leap];
    if (high > limits.directGenerationsMax) return overloaded('contention');
  }
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    const hasEnded = await isOver(bus, pair, idOf(middle));
    if (hasEnded instanceof Problem) return hasEnded;
    if (hasEnded) low = middle;
    else high = middle;
  }
  return high;
}

/** Deleted for everyone, or left by one of the two in another dialect. */
async function isOver(bus: Bus, pair: Pair, id: ConversationId): Promise<boolean | Problem> {
  const { tenant } = pair.caller;
  const status = await bus.statusOf(tenant, id);
  if (status instanceof Problem || status !== 'open')
    return status instanceof Problem ? status : status === 'deleted';
  const found = await bus.stateOf(tenant, id);
  if (found instanceof Problem) return found;
  return found === null || !holdsBoth(found.state, pair);
}
