/** What was acknowledged is in the log, once and in order; and followers saw it so. */
import { brokenAcks, brokenNumbers, brokenSenderOrder } from '../../test/kit/chaos/proofs/proof.ts';
import { readStoredLog } from '../../test/kit/chaos/proofs/stored-log.ts';
import type { TestNats } from '../../test/kit/servers/nats.ts';
import type { Load } from './load.ts';
import type { Rule } from './verdict.ts';

const shown = 5;

export async function prove(broker: TestNats, load: Load): Promise<readonly Rule[]> {
  const log = await readStoredLog(broker, load.tenant);
  const events = [...log.values()].flat();
  const texts = new Map<string, number>();
  for (const { content } of events) if (content !== null) texts.set(content, (texts.get(content) ?? 0) + 1);
  const rest = load.restAcks
    .filter((content) => texts.get(content) !== 1)
    .map((content) => `${content}: not once`);
  const acks = load.ledger.acks.length + load.restAcks.length;
  const heard = load.followers.reduce((sum, one) => sum + one.events(), 0);
  const behind = load.followers.flatMap((one) =>
    [...one.positions]
      .filter(([id, position]) => position > (log.get(id)?.length ?? 0))
      .map(([id]) => `${id}: too far`),
  );
  return [
    rule(`${acks} acknowledged posts are in the log once, where it was said`, [
      ...brokenAcks(log, load.ledger.acks),
      ...rest,
    ]),
    rule(`positions and seqs of ${events.length} events have no gap`, brokenNumbers(log)),
    rule('posts of one sender stand in their order', brokenSenderOrder(log)),
    rule('every refusal was 429 or 503 and said when to come back', load.ledger.faults),
    rule(`${heard} events came to followers in order`, [
      ...load.followers.flatMap((one) => one.faults),
      ...behind,
    ]),
  ];
}

function rule(what: string, broken: readonly string[]): Rule {
  const is = broken.length === 0 ? 'all' : `${broken.length} are not: ${broken.slice(0, shown).join('; ')}`;
  return { rule: what, is, holds: broken.length === 0 };
}
