/**
 * Every frame of General Bots' socket with what its schema allows, what it nearly allows and garbage: only the
 * closes of the contract end one, nothing fails, nothing of somebody else is shown.
 */
import fc, { type Arbitrary } from 'fast-check';
import t from 'tap';
import { WebSocket } from 'ws';
import { declaredFrames } from '../../src/compose/documents/documents.ts';
import { makeAgent, signUp } from '../kit/clients/accounts.ts';
import { BotClient, type BotFrame } from '../kit/clients/bot-client.ts';
import { call } from '../kit/clients/http-client.ts';
import { fuzzing } from '../kit/hostile/fuzzing.ts';
import { garbled, mutated } from '../kit/hostile/hostile-arbitrary.ts';
import { arbitraryOf } from '../kit/hostile/schema-arbitrary.ts';
import { startNats } from '../kit/servers/nats.ts';
import { startNodeProcess } from '../kit/servers/node.ts';
import { startPostgres } from '../kit/servers/postgres.ts';

t.setTimeout(fuzzing.timeoutMs);
const node = await startNodeProcess({ nats: await startNats(t), database: await startPostgres(t) }, t);
const canary = 'a text of another tenant';
const owner = await signUp(node, 'owner');
await makeAgent(node, owner, 'quiet');
const stranger = await signUp(node, 'stranger');
await makeAgent(node, stranger, 'quiet');

async function sessionOf(token: string, text: string): Promise<string> {
  const body = { bot_id: 'quiet', initial_message: text };
  return (await call(node, 'POST', '/conversations/start', { token, body })).body.session_id;
}
const [own, foreign] = [await sessionOf(owner.token, 'fuzzed'), await sessionOf(stranger.token, canary)];

function framesOf(type: string, fields: Arbitrary<unknown>): Arbitrary<string | Uint8Array> {
  const asFrame = (value: unknown): string => JSON.stringify({ ...(value as object), type });
  const right = fc
    .tuple(fields, fc.constantFrom(own, foreign, 'session-1', undefined))
    .map(([value, session]) => ({ ...(value as object), session_id: session }));
  return fc.oneof(
    { weight: 4, arbitrary: right.map(asFrame) },
    { weight: 4, arbitrary: mutated(right).map(asFrame) },
    { weight: 1, arbitrary: garbled(right.map(asFrame)) },
  );
}

const ownFault = new Set([1003, 1006, 1007, 1008, 1009]);

/** What a frame leads to, until a message behind it is answered or the socket ends. */
async function exchange(frame: string | Uint8Array): Promise<readonly BotFrame[]> {
  const client = await BotClient.connect(node, '/ws/quiet', { authorization: `Bearer ${owner.token}` });
  client.socket.send(frame, { binary: false });
  await client.say('settled', { client_message_id: 'settled' }).catch(() => undefined);
  if (client.socket.readyState === WebSocket.OPEN) await client.close();
  else {
    const { code } = await client.ended;
    if (!ownFault.has(code)) throw new Error(`the socket was closed with ${code}`);
  }
  return client.frames;
}

for (const { op, schema } of declaredFrames('generalbots-socket')) {
  t.test(`${op} takes or refuses whatever it is sent`, async (t) => {
    await fc.assert(
      fc.asyncProperty(framesOf(op, arbitraryOf(schema)), async (frame) => {
        const frames = await exchange(frame);
        const failed = frames.find(
          ({ type, code }) => type === 'error' && /^(internal|unavailable)$/.test(code),
        );
        if (failed !== undefined) throw new Error(`failed: ${JSON.stringify(failed)}`);
        if (JSON.stringify(frames).includes(canary)) throw new Error('something foreign was shown');
      }),
      fuzzing.parameters,
    );
    t.pass('nothing failed');
  });
}

t.test('the node is as it was', async (t) => {
  t.equal((await call(node, 'GET', '/healthz')).status, 200);
  const { body } = await call(node, 'GET', '/conversations', { token: stranger.token });
  t.match(body, { total: 1, conversations: [{ last_message: canary }] });
});
