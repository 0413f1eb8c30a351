/** What `parley doctor` says about Parley's streams: are they as they should be, and how full? */
import type { PartitionState } from '../../../adapters/jetstream/projection/projection-state.ts';
import type { AccountUse, StreamCheck } from '../../../adapters/jetstream/streams/stream-checks.ts';
import { bytesInWords, type Finding } from './finding.ts';

/** Of a bound: from here on somebody should act, and from there on writes are about to be refused. */
const fullShareWarn = 0.8;
const fullShareFail = 0.95;
/** As schemas/metrics.md has it for parley_projection_lag_events. */
const behindWarn = 1_000;
/** What is named in one line. */
const namedMax = 4;

export interface WantedStreamNumbers {
  readonly partitions: number;
  readonly replicas: number;
}

/**
 * `wanted`: of the environment, which counts at the first start of a deployment only; null: this environment is not
 * that of a node.
 */
export function streamFindings(
  streams: readonly StreamCheck[],
  wanted: WantedStreamNumbers | null,
): readonly Finding[] {
  const check = 'streams';
  if (streams.length === 0)
    return [{ check, status: 'warn', found: 'none', remedy: 'the first start of a node makes them' }];
  const missing = streams.filter(({ isThere }) => !isThere).map(({ name }) => name);
  if (missing.length > 0) {
    const remedy = 'what was in them is gone (backup.md); the next start of a node makes them anew, empty';
    return [{ check, status: 'fail', found: `not there: ${some(missing)}`, remedy }];
  }
  const found = `${streams.length}: ${streams.map(({ name }) => name).join(' ')}`;
  return [{ check, status: 'ok', found }, driftFinding(streams), numbersFinding(streams, wanted)];
}

function driftFinding(streams: readonly StreamCheck[]): Finding {
  const check = 'stream configuration';
  const differing = streams.flatMap(({ name, differences }) =>
    differences.map(({ words, isGrave }) => ({ words: `${name}: ${words}`, isGrave })),
  );
  if (differing.length === 0) return { check, status: 'ok', found: 'as this version makes it' };
  // The grave ones first: they are the ones that have to be named.
  differing.sort((a, b) => Number(b.isGrave) - Number(a.isGrave));
  const found = some(differing.map(({ words }) => words));
  const isGrave = differing.some((one) => one.isGrave);
  const remedy = isGrave
    ? '`nats stream edit` sets it back, now: events are lost, not told or not taken meanwhile'
    : '`nats stream edit` sets it back, unless you wanted it so';
  return { check, status: isGrave ? 'fail' : 'warn', found, remedy };
}

function numbersFinding(streams: readonly StreamCheck[], wanted: WantedStreamNumbers | null): Finding {
  const check = 'partitions';
  const partitions = streams.filter(({ name }) => /^CONV_\d+$/.test(name)).length;
  const copies = new Set(streams.map(({ replicas }) => replicas));
  const found = `${partitions}, R${[...copies].sort().join(', R')}`;
  if (copies.size > 1) {
    const remedy = 'give all of them the same: `nats stream edit STREAM --replicas N`';
    return { check, status: 'warn', found: `${found}: streams differ in their replicas`, remedy };
  }
  if (wanted !== null && (partitions !== wanted.partitions || !copies.has(wanted.replicas))) {
    const differing = `${found}; the environment says ${wanted.partitions}, R${wanted.replicas}`;
    const remedy =
      'both were fixed at the first start and stay: set PARLEY_PARTITIONS and PARLEY_REPLICAS so';
    return { check, status: 'warn', found: differing, remedy };
  }
  return { check, status: 'ok', found };
}

/** Of everything that has a bound, what is nearest to it. */
export function fullnessFinding(
  streams: readonly StreamCheck[],
  account: AccountUse | null,
  servers: readonly {
    readonly server: string;
    readonly storageBytes: number;
    readonly storageBytesMax: number;
  }[],
): readonly Finding[] {
  const check = 'nats storage';
  const used = streams.reduce((sum, { bytes }) => sum + bytes, 0);
  const bounds = [
    ...streams.flatMap((one) => [
      share(`stream ${one.name}`, one.bytes, one.bytesMax),
      share(`stream ${one.name}`, one.messages, one.messagesMax, 'messages'),
    ]),
    ...(account === null
      ? []
      : [
          share('files of the account', account.storageBytes, account.storageBytesMax),
          share('memory of the account', account.memoryBytes, account.memoryBytesMax),
        ]),
    ...servers.map((one) => share(`disk of ${one.server}`, one.storageBytes, one.storageBytesMax)),
  ].flatMap((one) => (one === null ? [] : [one]));
  const [fullest] = bounds.sort((a, b) => b.share - a.share);
  if (fullest === undefined) return [{ check, status: 'ok', found: `${bytesInWords(used)} in all streams` }];
  const found = `${bytesInWords(used)} in all streams; fullest: ${fullest.words}`;
  if (fullest.share < fullShareWarn) return [{ check, status: 'ok', found }];
  const status = fullest.share < fullShareFail ? 'warn' : 'fail';
  return [
    { check, status, found, remedy: 'raise the bound, or give it more disk: a full log refuses posts' },
  ];
}

function share(what: string, have: number, max: number | null, unit?: string) {
  if (max === null || max <= 0) return null;
  const words =
    unit === undefined ? `${bytesInWords(have)} of ${bytesInWords(max)}` : `${have} of ${max} ${unit}`;
  return { share: have / max, words: `${what}, ${Math.floor((have / max) * 100)} % (${words})` };
}

/** `partitions`: none before the first start of a node. */
export function projectionFinding(partitions: readonly PartitionState[]): readonly Finding[] {
  if (partitions.length === 0) return [];
  const check = 'projection';
  const untold = partitions.filter(({ behind }) => behind === null).map(({ partition }) => String(partition));
  if (untold.length > 0) {
    const found = `nothing is told of partition ${some(untold)}`;
    return [
      { check, status: 'warn', found, remedy: 'no consumer: start a node; or NATS has no leader for it' },
    ];
  }
  const behind = partitions.reduce((sum, one) => sum + (one.behind ?? 0), 0);
  const left = partitions.filter((one) => (one.behind ?? 0) > 0 && !one.isWorkedOn);
  const found = `${behind} events behind the logs`;
  if (left.length > 0) {
    const idle = some(left.map(({ partition }) => String(partition)));
    const remedy = 'start a node; if one runs, its log says why it does not project';
    return [{ check, status: 'warn', found: `${found}; nobody works on partition ${idle}`, remedy }];
  }
  if (behind <= behindWarn) return [{ check, status: 'ok', found }];
  const remedy = 'ask again: does it fall? Else PostgreSQL is slow (operations.md#parleyprojectionbehind)';
  return [{ check, status: 'warn', found, remedy }];
}

function some(all: readonly string[]): string {
  const rest = all.length - namedMax;
  return rest > 0 ? `${all.slice(0, namedMax).join(', ')} and ${rest} more` : all.join(', ');
}
