/** Rounds of Parley and of bare NATS in turn, with a look at the processes of each. */
import { interleave, type Rounds } from '../../kit/figures/rounds.ts';
import { cpuOf, watchProcesses } from '../../kit/references/process-usage.ts';
import type { ScenarioContext } from '../../kit/scenario.ts';
import { type DirectSide, openDirectSides } from './sides.ts';

/** One side under load: a round's figure, and how many operations there were. */
export type DirectLoad = { readonly round: () => Promise<number>; readonly count: () => number };

export type DirectRounds = {
  readonly rounds: Rounds;
  readonly counts: { readonly parley: number; readonly nats: number };
  /** Processor shares of the last round of each. */
  readonly shares: string;
};

/** `open` is asked for both sides; `onMeasured` is called when what came before was only to warm up. */
export async function directRounds(
  context: ScenarioContext,
  open: (side: DirectSide, name: 'parley' | 'nats') => Promise<DirectLoad>,
  onMeasured: () => void = () => undefined,
): Promise<DirectRounds> {
  const sides = await openDirectSides(context);
  const parley = watched(await open(sides.parley, 'parley'), sides.parley);
  const nats = watched(await open(sides.nats, 'nats'), sides.nats);
  await context.warmUp(parley.round);
  await context.warmUp(nats.round);
  onMeasured();
  const rounds = await interleave(context.pace.rounds, nats.round, parley.round);
  return {
    rounds,
    counts: { parley: parley.count(), nats: nats.count() },
    shares: `${parley.shares()}; bare NATS: ${nats.shares()}`,
  };
}

function watched(load: DirectLoad, side: DirectSide): DirectLoad & { readonly shares: () => string } {
  let shares = '';
  return {
    count: load.count,
    shares: () => shares,
    async round() {
      const before = load.count();
      const usage = watchProcesses({ load: cpuOf(process.pid), ...side.cpu });
      const value = await load.round();
      shares = usage.stop(load.count() - before);
      return value;
    },
  };
}
