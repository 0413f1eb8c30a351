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
import { bridges } from './transcripts/bridges.ts';
import { channels } from './transcripts/channels.ts';
import { jobs } from './transcripts/jobs.ts';
import { memory } from './transcripts/memory.ts';
import { messages } from './transcripts/messages.ts';
import { server } from './transcripts/server.ts';
import { servers } from './transcripts/servers.ts';
import { sessions } from './transcripts/sessions.ts';

t.setTimeout(180_000);

const groups = { agents, memory, server, servers, channels, messages, bridges, sessions, jobs };
const env = { ...castEnvironment, PARLEY_MASTER_KEY: 'ab'.repeat(32) };
const node = await startNode({ nats: await startNats(t), database: await startPostgres(t), env }, t);

for (const [group, transcripts] of Object.entries(groups)) {
  t.test(group, async (t) => {
    // A tenant of its own: lists show what the group has made, and nothing else.
    const usualHeaders = { 'cache-control': 'no-store', 'x-request-id': /./ };
    const stage = { node, known: await openCast(node), usualHeaders };
    for (const transcript of transcripts) await play(t, stage, transcript);
  });
}

/** What goes over it is no JSON: sound and pictures have tests of their own. */
const isOfFiles = /^\/api\/(audio|media)\b/;
/** It would end the process. */
const onlyRefused: ReadonlySet<string> = new Set(['POST /api/server/stop']);

t.test('every operation is played, and succeeds', async (t) => {
  const asked = Object.values(groups).flatMap((transcripts) =>
    transcripts.flatMap(({ steps }) =>
      steps.map(({ request, expect }) => ({
        request: (request.split('?', 1)[0] ?? '').replaceAll(/\{[^}]*\}|[0-9a-f-]{36}/g, '*'),
        isAnswered: expect.status < 300,
      })),
    ),
  );
  const played = new Set(asked.map(({ request }) => request));
  const answered = new Set(asked.flatMap(({ request, isAnswered }) => (isAnswered ? [request] : [])));
  const { paths } = JSON.parse(await readFile(join(repository, 'schemas/openapi.json'), 'utf8')) as {
    readonly paths: Readonly<Record<string, Readonly<Record<string, { readonly operationId: string }>>>>;
  };
  const declared = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).flatMap(([method, { operationId }]) =>
      operationId.startsWith('eliza.') && path.startsWith('/api/') && !isOfFiles.test(path)
        ? [`${method.toUpperCase()} ${path.replaceAll(/\{[^}]*\}/g, '*')}`]
        : [],
    ),
  );
  t.ok(declared.length > 80, `${declared.length} operations`);
  t.same(
    declared.filter((request) => !(onlyRefused.has(request) ? played : answered).has(request)),
    [],
  );
});
