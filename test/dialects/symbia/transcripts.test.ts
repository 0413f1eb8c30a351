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
import { account } from './transcripts/account.ts';
import { admin } from './transcripts/admin.ts';
import { castEnvironment, openCast } from './transcripts/cast.ts';
import { control } from './transcripts/control.ts';
import { conversations } from './transcripts/conversations.ts';
import { decisions } from './transcripts/decisions.ts';
import { messages } from './transcripts/messages.ts';
import { participants } from './transcripts/participants.ts';
import { publicRoutes } from './transcripts/public.ts';
import { transport } from './transcripts/transport.ts';

t.setTimeout(180_000);

const groups: Readonly<Record<string, readonly Transcript[]>> = {
  public: publicRoutes,
  account,
  conversations,
  participants,
  messages,
  control,
  transport,
  decisions,
  admin,
};

/** Of every answer below /api (contract §1). */
const usualHeaders = { 'cache-control': 'no-cache, no-store, must-revalidate', 'x-trace-id': /./ };

const servers = { nats: await startNats(t), database: await startPostgres(t), env: castEnvironment };
const node = await startNode(servers, t);

for (const [group, transcripts] of Object.entries(groups)) {
  t.test(group, async (t) => {
    const stage = { node, known: await openCast(node), usualHeaders };
    for (const transcript of transcripts) await play(t, stage, transcript);
  });
}

t.test('every operation of the dialect is played', async (t) => {
  const played = Object.values(groups).flatMap((transcripts) =>
    transcripts.flatMap(({ steps }) => steps.map(({ request }) => request.split('?', 1)[0] ?? '')),
  );
  const { paths } = JSON.parse(await readFile(join(repository, 'schemas/openapi.json'), 'utf8')) as {
    readonly paths: Readonly<Record<string, Readonly<Record<string, { readonly operationId: string }>>>>;
  };
  const missing: string[] = [];
  for (const [path, methods] of Object.entries(paths)) {
    for (const [method, { operationId }] of Object.entries(methods)) {
      const route = path.replaceAll('.', '\\.').replaceAll(/\{[^}]*\}/g, '[^/]+');
      const asked = new RegExp(`^${method.toUpperCase()} ${route}$`);
      const isPlayed = played.some((request) => asked.test(request));
      if (operationId.startsWith('symbia.') && !isPlayed) missing.push(`${method} ${path}`);
    }
  }
  t.same(missing, []);
});
