/** Every API talks about the same conversation, on two nodes over one nats-server. */
import t from 'tap';
import { proveOneConversation } from '../contracts/one-conversation.ts';
import { startTwoWholeNodes } from '../kit/servers/two-whole-nodes.ts';

t.setTimeout(120_000);

const { one, two } = await startTwoWholeNodes(t);
await proveOneConversation(t, one, two);
