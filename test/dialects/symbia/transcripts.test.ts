/** Every row of the contract as it goes over the wire: each transcript stands beside its row. */
import t from 'tap';
import { startNats } from '../../kit/servers/nats.ts';
import { startNode } from '../../kit/servers/node.ts';
import { startPostgres } from '../../kit/servers/postgres.ts';
import { account } from './transcripts/account.ts';
import { openCast } from './transcripts/cast.ts';
import { control } from './transcripts/control.ts';
import { conversations } from './transcripts/conversations.ts';
import { decisions } from './transcripts/decisions.ts';
import { messages } from './transcripts/messages.ts';
import { participants } from './transcripts/participants.ts';
import { play } from './transcripts/player.ts';
import { publicRoutes } from './transcripts/public.ts';
import type { Transcript } from './transcripts/step.ts';
import { transport } from './transcripts/transport.ts';

const groups: Readonly<Record<string, readonly Transcript[]>> = {
  public: publicRoutes,
  account,
  conversations,
  participants,
  messages,
  control,
  transport,
  decisions,
};

const node = await startNode({ nats: await startNats(t), database: await startPostgres(t) }, t);

for (const [group, transcripts] of Object.entries(groups)) {
  t.test(group, async (t) => {
    const stage = { node, known: await openCast(node) };
    for (const transcript of transcripts) await play(t, stage, transcript);
  });
}
