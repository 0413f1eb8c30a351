/** What `parley doctor` says about NATS: the server, its streams, who answers. */
import { type Nats, openNats } from '../../../adapters/jetstream/connections/connection.ts';
import { type NatsFacts, readNatsFacts } from '../../../adapters/jetstream/connections/server-facts.ts';
import { countAnswering, readNatsCredentials } from '../../../adapters/jetstream/door/open-door.ts';
import { readProjectionStates } from '../../../adapters/jetstream/projection/projection-state.ts';
import { readAccountUse, readStreamChecks } from '../../../adapters/jetstream/streams/stream-checks.ts';
import { readStreamStates } from '../../../adapters/jetstream/streams/stream-states.ts';
import { sentenceOf } from '../../failure.ts';
import { checkClock } from './clock-finding.ts';
import { clusterFindings } from './cluster-finding.ts';
import { durabilityOf, type NatsPlace, readSettings, type Settings } from './durability-finding.ts';
import type { Finding } from './finding.ts';
import {
  fullnessFinding,
  projectionFinding,
  streamFindings,
  type WantedStreamNumbers,
} from './stream-findings.ts';

const payloadBytesMin = 2_000_000;

export async function checkNats(
  place: NatsPlace,
  wanted: WantedStreamNumbers | null,
): Promise<readonly Finding[]> {
  const { url, credsFile, log } = place;
  const options = { url, name: 'parley doctor', log };
  const nats = await openNats({ ...options, ...(credsFile === undefined ? {} : { credsFile }) }).catch(
    sentenceOf,
  );
  if (typeof nats === 'string') {
    const remedy = 'is NATS_URL right, and does nats-server run?';
    return [{ check: 'nats', status: 'fail', found: nats, remedy }];
  }
  try {
    const facts = await readNatsFacts(nats);
    const settings = await readSettings(place);
    return [
      ...serverFindings(facts),
      ...(facts.hasJetStream ? await checkStreams(nats, wanted, settings) : []),
      ...clusterFindings(await readStreamStates(nats)),
      durabilityOf(settings, facts.replicas),
      ...checkClock('nats clock', facts.clockAheadMs),
      await checkDoor(place),
    ];
  } finally {
    await nats.close();
  }
}

async function checkStreams(
  nats: Nats,
  wanted: WantedStreamNumbers | null,
  settings: Settings,
): Promise<readonly Finding[]> {
  const streams = await readStreamChecks(nats);
  const partitions = streams.filter(({ name }) => /^CONV_\d+$/.test(name)).length;
  return [
    ...streamFindings(streams, wanted),
    ...fullnessFinding(streams, await readAccountUse(nats), typeof settings === 'string' ? [] : settings),
    ...projectionFinding(await readProjectionStates(nats, partitions)),
  ];
}

/** Is there a callout, and who answers it? Only the connections of the server tell. */
async function checkDoor({ url, credsFile, log }: NatsPlace): Promise<Finding> {
  const check = 'nats for services';
  if (credsFile === undefined || readNatsCredentials(credsFile) === null) {
    const found = 'off: NATS_CREDS holds no credentials of Parley';
    return {
      check,
      status: 'warn',
      found,
      remedy: '`parley admin nats-credentials --out FILE` makes them',
    };
  }
  try {
    const { answering } = await countAnswering({ url, credsFile, name: 'parley doctor', log });
    if (answering > 0) return { check, status: 'ok', found: `callouts are answered by ${answering} node(s)` };
    return {
      check,
      status: 'warn',
      found: 'no node answers callouts',
      remedy: 'start one with these NATS_CREDS',
    };
  } catch (error) {
    const remedy = 'run nats-server with nats-server.conf and the variables of these credentials';
    return { check, status: 'fail', found: sentenceOf(error), remedy };
  }
}

function serverFindings(facts: NatsFacts): readonly Finding[] {
  const version: Finding = facts.isNewEnough
    ? { check: 'nats', status: 'ok', found: `nats-server ${facts.version}` }
    : {
        check: 'nats',
        status: 'fail',
        found: `nats-server ${facts.version}`,
        remedy: `Parley needs ${facts.versionMin} or newer: deploy/nats-server.sh provides one`,
      };
  if (facts.hasJetStream)
    return [version, { check: 'jetstream', status: 'ok', found: 'enabled' }, checkPayload(facts)];
  const remedy =
    "start it with the repository's nats-server.conf, and give the user an account with JetStream";
  return [version, { check: 'jetstream', status: 'fail', found: 'not enabled for this user', remedy }];
}

function checkPayload({ payloadBytesMax }: NatsFacts): Finding {
  const [check, found] = ['nats max_payload', `${payloadBytesMax} bytes`];
  if (payloadBytesMax >= payloadBytesMin) return { check, status: 'ok', found };
  const remedy = `big messages and deletions need ${payloadBytesMin}: set max_payload as nats-server.conf does`;
  return { check, status: 'fail', found, remedy };
}
