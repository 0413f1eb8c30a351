/** Every row of the contract as it goes over the wire: each transcript stands beside its row. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { startNats } from '../../kit/servers/nats.ts';
import { startNode } from '../../kit/servers/node.ts';
import { startPostgres } from '../../kit/servers/postgres.ts';
import { repository } from '../../kit/temporary.ts';
import { play } from '../../kit/transcripts/player.ts';
import type { Transcript } from '../../kit/transcripts/step.ts';
import { castEnvironment, openCast } from '../symbia/transcripts/cast.ts';
import { callers } from './transcripts/callers.ts';
import { conversations } from './transcripts/conversations.ts';
import { input } from './transcripts/input.ts';
import { messages } from './transcripts/messages.ts';

t.setTimeout(180_000);

const groups: Readonly<Record<string, readonly Transcript[]>> = { conversations, messages, input, callers };
const env = { ...castEnvironment, PARLEY_RATE_LIMIT: 'off' };
const node = await startNode({ nats: await startNats(t), database: await startPostgres(t), env }, t);

for (const [group, transcripts] of Object.entries(groups)) {
  t.test(group, async (t) => {
    const usualHeaders = { 'cache-control': /no-store/, 'x-request-id': /./ };
    const stage = { node, known: await openCast(node), usualHeaders };
    for (const transcript of transcripts) await play(t, stage, transcript);
  });
}

t.test('every operation of the dialect is played, and its 422 is documented', async (t) => {
  const played = Object.values(groups).flatMap((transcripts) =>
    transcripts.flatMap(({ steps }) => steps.map(({ request }) => request.split('?', 1)[0] ?? '')),
  );
  type Operation = { readonly operationId: string; readonly responses: Readonly<Record<string, object>> };
  const { paths } = JSON.parse(await readFile(join(repository, 'schemas/openapi.json'), 'utf8')) as {
    readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  };
  const found: string[] = [];
  for (const [path, methods] of Object.entries(paths)) {
    for (const [method, { operationId, responses }] of Object.entries(methods)) {
      if (!operationId.startsWith('v2.')) continue;
      found.push(operationId);
      const asked = new RegExp(`^${method.toUpperCase()} ${path.replaceAll(/\{[^}]*\}/g, '[^/]+')}/?$`);
      t.ok(
        played.some((request) => asked.test(request)),
        operationId,
      );
      t.match(JSON.stringify(responses['422']), /HTTPValidationError/, operationId);
    }
  }
  t.equal(found.length, 8);
});
