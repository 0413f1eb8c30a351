/** Rows of the contract as they go over the wire: exactly these fields, and no others. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { startNats } from '../../kit/servers/nats.ts';
import { startNode } from '../../kit/servers/node.ts';
import { startPostgres } from '../../kit/servers/postgres.ts';
import { repository } from '../../kit/temporary.ts';
import { play } from '../../kit/transcripts/player.ts';
import { castEnvironment, openCast } from '../symbia/transcripts/cast.ts';
import { agents } from './transcripts/agents.ts';
import { memory } from './transcripts/memory.ts';
import { server } from './transcripts/server.ts';

t.setTimeout(180_000);

const groups = { agents, memory, server };
const env = { ...castEnvironment, PARLEY_MASTER_KEY: 'ab'.repeat(32) };
const node = await startNode({ nats: await startNats(t), database: await startPostgres(t), env }, t);

for (const [group, transcripts] of Object.entries(groups)) {
  t.test(group, async (t) => {
    for (const transcript of transcripts) {
      const usualHeaders = { 'cache-control': 'no-store', 'x-request-id': /./ };
      await play(t, { node, known: await openCast(node), usualHeaders }, transcript);
    }
  });
}

const isOfAgents = /^\/api\/(agents|memory|rooms|runs|logs|server|system|env)\b/;

t.test('every operation about agents, memory and the server is played', async (t) => {
  const played = Object.values(groups).flatMap((transcripts) =>
    transcripts.flatMap(({ steps }) =>
      steps.map(({ request }) =>
        (request.split('?', 1)[0] ?? '').replaceAll(/\{[^}]*\}|[0-9a-f-]{36}/g, '*'),
      ),
    ),
  );
  const { paths } = JSON.parse(await readFile(join(repository, 'schemas/openapi.json'), 'utf8')) as {
    readonly paths: Readonly<Record<string, Readonly<Record<string, { readonly operationId: string }>>>>;
  };
  const declared = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).flatMap(([method, { operationId }]) =>
      operationId.startsWith('eliza.') && isOfAgents.test(path)
        ? [`${method.toUpperCase()} ${path.replaceAll(/\{[^}]*\}/g, '*')}`]
        : [],
    ),
  );
  t.ok(declared.length > 30, `${declared.length} operations`);
  t.same(
    declared.filter((request) => !played.includes(request)),
    [],
  );
});
