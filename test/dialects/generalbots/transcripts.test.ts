/** Every row of the REST half of the contract as it goes over the wire. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { startNats } from '../../kit/servers/nats.ts';
import { startNode } from '../../kit/servers/node.ts';
import { startPostgres } from '../../kit/servers/postgres.ts';
import { repository } from '../../kit/temporary.ts';
import { play } from '../../kit/transcripts/player.ts';
import { castEnvironment, openCast } from '../symbia/transcripts/cast.ts';
import { conversations } from './transcripts/conversations.ts';
import { messages } from './transcripts/messages.ts';

t.setTimeout(180_000);

const groups = { conversations, messages };
const node = await startNode(
  { nats: await startNats(t), database: await startPostgres(t), env: castEnvironment },
  t,
);

for (const [group, transcripts] of Object.entries(groups)) {
  t.test(group, async (t) => {
    for (const transcript of transcripts) {
      const usualHeaders = { 'content-type': 'application/json', 'x-request-id': /./ };
      await play(t, { node, known: await openCast(node), usualHeaders }, transcript);
    }
  });
}

t.test('every operation of the dialect is played', async (t) => {
  const played = Object.values(groups).flatMap((transcripts) =>
    transcripts.flatMap(({ steps }) => steps.map(({ request }) => request.split('?', 1)[0] ?? '')),
  );
  const { paths } = JSON.parse(await readFile(join(repository, 'schemas/openapi.json'), 'utf8')) as {
    readonly paths: Readonly<Record<string, Readonly<Record<string, { readonly operationId: string }>>>>;
  };
  const declared = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).flatMap(([method, { operationId }]) =>
      operationId.startsWith('generalbots.')
        ? [`${method.toUpperCase()} ${path.replaceAll(/\{[^}]*\}/g, '{talk}')}`]
        : [],
    ),
  );
  t.equal(declared.length, 5);
  t.same(
    declared.filter((request) => !played.includes(request)),
    [],
  );
});
