/**
 * Every frame of Vero's messaging socket with what its schema allows, what it nearly allows and garbage, over real
 * sockets: only the closes of the contract end one, nothing fails, nothing of another tenant is shown.
 */
import fc, { type Arbitrary } from 'fast-check';
import t from 'tap';
import { WebSocket } from 'ws';
import { declaredFrames } from '../../src/compose/documents/documents.ts';
import { makeAgent, signUp, signUpInto } from '../kit/clients/accounts.ts';
import { call } from '../kit/clients/http-client.ts';
import { MessagingClient, type MessagingFrame } from '../kit/clients/messaging-client.ts';
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
const member = await signUpInto(node, owner, 'member');
const agent = await makeAgent(node, owner);
const stranger = await signUp(node, 'stranger');

async function conversationOf(token: string, content: string): Promise<string> {
  const participants = token === owner.token ? [{ userId: member.id, userType: 'user' }] : [];
  const body = { type: 'group', name: content, participants };
  const { id } = (await call(node, 'POST', '/api/conversations', { token, body })).body;
  const sent = { conversation_id: id, content_text: content };
  await call(node, 'POST', '/v1/chat/messages/send', { token, body: sent });
  return id;
}
const foreign = await conversationOf(stranger.token, canary);
const own = await conversationOf(owner.token, 'fuzzed');

/** Fields that name a conversation: most often one that is there. */
function placed(fields: Arbitrary<unknown>): Arbitrary<unknown> {
  return fc.tuple(fields, fc.constantFrom(own, own, foreign)).map(([value, id]) => {
    const text = JSON.stringify(value);
    const named = text.replaceAll(/"conversation_id":"[^"\\]*"/g, `"conversation_id":"${id}"`);
    return JSON.parse(named.replaceAll(/"conversation_ids":\["[^"\\]*"/g, `"conversation_ids":["${id}"`));
  });
}

function framesOf(action: string, fields: Arbitrary<unknown>): Arbitrary<string | Uint8Array> {
  const asFrame = (value: unknown): string => JSON.stringify({ ...(value as object), action });
  const right = placed(fields);
  return fc.oneof(
    { weight: 4, arbitrary: right.map(asFrame) },
    { weight: 4, arbitrary: mutated(right).map(asFrame) },
    { weight: 1, arbitrary: garbled(right.map(asFrame)) },
  );
}

const ownFault = new Set([1003, 1006, 1007, 1008, 1009]);

/** What a frame leads to, until a ping behind it is answered or the socket ends. */
async function exchange(token: string, frame: string | Uint8Array): Promise<readonly MessagingFrame[]> {
  const client = await MessagingClient.connect(node, token);
  client.socket.send(frame, { binary: false });
  await client.settled().catch(() => undefined);
  if (client.socket.readyState === WebSocket.OPEN) await client.close();
  else {
    const { code } = await client.closed;
    if (!ownFault.has(code)) throw new Error(`the socket was closed with ${code}`);
  }
  return client.frames;
}

for (const { op, schema } of declaredFrames('vero-messaging')) {
  t.test(`${op} takes or refuses whatever it is sent`, async (t) => {
    const tokens = fc.constantFrom(owner.token, member.token, agent.token);
    await fc.assert(
      fc.asyncProperty(tokens, framesOf(op, arbitraryOf(schema)), async (token, frame) => {
        const frames = await exchange(token, frame);
        const failed = frames.find(
          ({ type, code }) => type === 'error' && /^(internal|unavailable)$/.test(code),
        );
        if (failed !== undefined) throw new Error(`it failed: ${JSON.stringify(failed)}`);
        if (JSON.stringify(frames).includes(canary)) throw new Error("it shows what is another tenant's");
      }),
      fuzzing.parameters,
    );
    t.equal((await call(node, 'GET', '/healthz')).status, 200, 'the process lives');
  });
}
