/** One post in the words of every API, to see what each of them answers while something is broken. */
import type { Test } from 'tap';
import { call, type HttpAnswer } from '../../clients/http-client.ts';
import type { Cast } from '../faults/deployment.ts';

const mainServer = '00000000-0000-0000-0000-000000000000';

/** By dialect: how a text is posted into a conversation over HTTP. */
const posts = {
  symbia: (conversation: string, content: string) => ({
    path: `/api/conversations/${conversation}/messages`,
    body: { content },
  }),
  vero: (conversation: string, text: string) => ({
    path: '/v1/chat/messages/send',
    body: { conversation_id: conversation, content_text: text },
  }),
  generalbots: (conversation: string, content: string) => ({
    path: `/conversations/${conversation}/messages`,
    body: { content },
  }),
  v2: (conversation: string, body: string) => ({
    path: `/api/v2/conversations/${conversation}/messages`,
    body: { body },
  }),
  eliza: (conversation: string, content: string, author: string) => ({
    path: `/api/messaging/channels/${conversation}/messages`,
    body: { author_id: author, message_server_id: mainServer, content },
  }),
} as const;

export type DialectAnswers = Readonly<Record<keyof typeof posts, HttpAnswer>>;

/** Posts by the owner in all of them at once, and answers what each said. */
export async function postInEach(
  node: { readonly url: string },
  cast: Pick<Cast, 'ownerToken' | 'ownerId'>,
  conversation: string,
): Promise<DialectAnswers> {
  const answers = Object.entries(posts).map(async ([dialect, worded]) => {
    const { path, body } = worded(conversation, `in the words of ${dialect}`, cast.ownerId);
    return [dialect, await call(node, 'POST', path, { token: cast.ownerToken, body })] as const;
  });
  return Object.fromEntries(await Promise.all(answers)) as DialectAnswers;
}

/** What a server that is away, or a full log, is called in each of them. Vero knows no 507 (vero.md §1). */
const refusals = {
  unavailable: {
    symbia: [503, { error: /server that is needed is away/ }],
    vero: [503, { error: { code: 'unavailable' } }],
    generalbots: [503, { error: 'unavailable', code: 'UNAVAILABLE' }],
    v2: [503, { detail: /server that is needed is away/ }],
    eliza: [503, { success: false, error: /server that is needed is away/ }],
  },
  storage_full: {
    symbia: [507, { error: /no room left/ }],
    vero: [503, { error: { code: 'unavailable' } }],
    generalbots: [507, { error: 'unavailable', code: 'UNAVAILABLE' }],
    v2: [507, { detail: /no room left/ }],
    eliza: [507, { success: false, error: /no room left/ }],
  },
} as const;

/** Proves that every API refuses a post for this reason, each in its words, and says when to come back. */
export function refusedInEach(t: Test, answers: DialectAnswers, why: keyof typeof refusals): void {
  for (const [dialect, answer] of Object.entries(answers)) {
    const [status, body] = refusals[why][dialect as keyof DialectAnswers];
    t.match(answer, { status, body }, `${dialect} says ${why}`);
    t.ok(Number(answer.headers.get('retry-after')) >= 1, `${dialect} says when to come back`);
  }
}
