/** Reference (a), asked for the one number that a scenario compares with. */
import type { AppendAnswer, AppendOrder } from '../../references/jetstream-append.ts';
import type { ScenarioContext } from '../scenario.ts';

export async function measureAppends(context: ScenarioContext, conversations: number): Promise<AppendAnswer> {
  const reference = await context.stack.reference('jetstream-append');
  const order: AppendOrder = { conversations, forMs: context.pace.roundMs };
  return reference.ask<AppendAnswer>(order, context.pace.roundMs + 20_000);
}
