/**
 * Every frame of the native socket with what its schema allows, what it nearly allows and garbage, over real
 * sockets: each is answered or silently taken, only the closes of the contract end a socket, what is refused
 * stores nothing, and every conversation stays a log without a gap.
 */
import fc, { type Arbitrary } from 'fast-check';
import t from 'tap';
import { WebSocket } from 'ws';
import { declaredFrames } from '../../src/compose/documents/documents.ts';
import { makeAgent, signUp, signUpInto } from '../kit/clients/accounts.ts';
import { call } from '../kit/clients/http-client.ts';
import { NativeClient, type ServerFrame } from '../kit/clients/native-client.ts';
import { fuzzing } from '../kit/hostile/fuzzing.ts';
import { garbled, hostileTexts, mutated } from '../kit/hostile/hostile-arbitrary.ts';
import { arbitraryOf } from '../kit/hostile/schema-arbitrary.ts';
import { openStoredCounts } from '../kit/hostile/stored-counts.ts';
import { startNats } from '../kit/servers/nats.ts';
import { startNodeProcess } from '../kit/servers/node.ts';
import { startPostgres } from '../kit/servers/postgres.ts';

t.setTimeout(fuzzing.timeoutMs);
const servers = { nats: await startNats(t), database: await startPostgres(t) };
const env = { PARLEY_MASTER_KEY: 'ab'.repeat(32) };
const node = await startNodeProcess({ ...servers, env }, t);
const counts = await openStoredCounts(servers, t);
const canary = 'a text of another tenant';

const owner = await signUp(node, 'owner');
const member = await signUpInto(node, owner, 'member');
const agent = await makeAgent(node, owner);
const stranger = await signUp(node, 'stranger');

async function conversationOf(token: string, content: string): Promise<readonly string[]> {
  const client = await NativeClient.connect(node, token);
  const others = token === owner.token ? [{ id: member.id }, { id: agent.id }] : [];
  const made = await client.ask('create', { type: 'group', participants: others });
  const conversation: string = made['conversation'].id;
  const posted = await client.ask('post', { conversation, content });
  await client.close();
  return [conversation, posted['message_id']];
}
const [foreign = ''] = await conversationOf(stranger.token, canary);

/** Frame fields that name something: most often something that is there. */
function placed(fields: Arbitrary<unknown>, ids: readonly string[]): Arbitrary<unknown> {
  const id = fc.constantFrom(...ids, foreign, stranger.id, member.id, agent.id, ...hostileTexts.slice(0, 12));
  const names = ['conversation', 'message', 'message_id', 'participant', 'target', 'reply_to'];
  return fc.tuple(fields, ...names.map(() => id)).map(([value, ...chosen]) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
    const copy: Record<string, unknown> = { ...value };
    for (const [at, name] of names.entries()) if (name in copy) copy[name] = chosen[at];
    return copy;
  });
}

/** A text that is sent as it is, whatever it holds. */
function framesOf(
  op: string,
  fields: Arbitrary<unknown>,
  ids: readonly string[],
): Arbitrary<string | Uint8Array> {
  const asFrame = (value: unknown): string =>
    JSON.stringify(
      typeof value === 'object' && value !== null && !Array.isArray(value)
        ? { ...value, op, id: 'fuzzed' }
        : { op, id: 'fuzzed', fields: value },
    );
  const right = placed(fields, ids);
  return fc.oneof(
    { weight: 4, arbitrary: right.map(asFrame) },
    { weight: 4, arbitrary: mutated(right).map(asFrame) },
    { weight: 1, arbitrary: garbled(right.map(asFrame)) },
  );
}

/** Closes that a client can bring upon itself (native.md §1), and the transport's for invalid frames. */
const ownFault = new Set([1003, 1006, 1007, 1008, 1009]);

/**
 * Sends a frame and waits until the node has dealt with it: it is answered, or the socket ends. One that is
 * never answered, or whose id was garbled, is followed by a ping: frames are taken in order.
 */
async function exchange(
  token: string,
  frame: string | Uint8Array,
  isAnswered: boolean,
): Promise<readonly ServerFrame[]> {
  const client = await NativeClient.connect(node, token);
  client.socket.send(frame, { binary: false });
  const pinged = await client.ask('ping').catch(() => null);
  if (pinged !== null && isAnswered && typeof frame === 'string')
    await client.find((one) => 'ok' in one && one !== pinged);
  if (client.socket.readyState !== WebSocket.OPEN) {
    const { code } = await client.closed;
    if (!ownFault.has(code)) throw new Error(`the socket was closed with ${code}`);
  }
  await client.close();
  return client.frames;
}

function problemOf(frames: readonly ServerFrame[]): string | null {
  const refused = frames.find((frame) => frame['ok'] === false);
  return refused === undefined ? null : refused['problem'].code;
}

let [accepted, refused] = [0, 0];

/** Nobody answers some of what is accepted, which is stored a little later: only what is left each time is left by the frame. */
const looksMax = 10;

async function look(token: string, frame: string | Uint8Array, isAnswered: boolean): Promise<void> {
  for (let looks = 1; ; looks += 1) {
    const before = await counts();
    const frames = await exchange(token, frame, isAnswered);
    const code = problemOf(frames);
    if (code === 'internal' || code === 'unavailable') throw new Error(`it failed: ${code}`);
    if (JSON.stringify(frames).includes(canary)) throw new Error("it shows what is another tenant's");
    if (code === null) {
      accepted += 1;
      return;
    }
    refused += 1;
    if (JSON.stringify(await counts()) === JSON.stringify(before)) return;
    if (looks === looksMax) throw new Error(`it was refused (${code}) and left something`);
  }
}

for (const { op, schema, reply } of declaredFrames()) {
  t.test(`${op} takes or refuses whatever it is sent`, async (t) => {
    const ids = await conversationOf(owner.token, 'fuzzed');
    const tokens = fc.constantFrom(owner.token, owner.token, member.token, agent.token);
    await fc.assert(
      fc.asyncProperty(tokens, framesOf(op, arbitraryOf(schema), ids), (token, frame) =>
        look(token, frame, reply !== null),
      ),
      fuzzing.parameters,
    );
    t.equal((await call(node, 'GET', '/healthz')).status, 200, 'the process lives');
  });
}

t.test('every conversation of the owner is a log without a gap', async (t) => {
  const reader = await NativeClient.connect(node, owner.token);
  const listed = await reader.ask('list', { limit: 200 });
  for (const { id } of listed['conversations'] as { id: string }[]) {
    const { events } = await reader.ask('history', { conversation: id, after_position: 0, limit: 200 });
    const positions = (events as { position: number }[]).map(({ position }) => position);
    t.same(
      positions,
      positions.map((_, at) => at + 1),
    );
  }
  await reader.close();
  t.ok(accepted > refused / 20 && refused > accepted / 20, `${accepted} accepted, ${refused} refused`);
});
