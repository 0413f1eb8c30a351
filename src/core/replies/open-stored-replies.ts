/** Idempotency keys of requests that are no posts: the place is taken before anything is done, the reply kept after. */
import type { ConversationRef } from '../../domain/event.ts';
import { hashContent } from '../../domain/idempotency-window.ts';
import { overloaded } from '../../domain/limiting/overload.ts';
import { limits } from '../../domain/limits.ts';
import { Problem } from '../../domain/problem.ts';
import type { Clock } from '../../ports/clock.ts';
import type {
  Begun,
  ComparedRequest,
  KeptReply,
  ReplyPlace,
  ReplyStore,
  StoredReplies,
} from '../../ports/http/stored-replies.ts';
import type { IdSource } from '../../ports/id-source.ts';
import type { Place, Sealer } from '../sealing/sealer.ts';

export interface StoredRepliesDeps {
  readonly store: ReplyStore;
  readonly sealer: Pick<Sealer, 'sealText' | 'opener'>;
  readonly clock: Clock;
  readonly ids: Pick<IdSource, 'next'>;
}

export function openStoredReplies(deps: StoredRepliesDeps): StoredReplies {
  return {
    async once(request, run) {
      const place = placeOf(request);
      const attempt = deps.ids.next();
      const begun = await begin(deps, place, { id: attempt, hash: hashContent([request.content]) });
      if (begun instanceof Problem) return begun;
      if (begun.state === 'other') return otherRequest();
      if (begun.state === 'done') return await replayed(deps, place, begun.reply);
      const reply = await runOrFree(deps, place, attempt, run);
      if (reply instanceof Problem) {
        await deps.store.abandon(place, attempt);
        return reply;
      }
      // Should this fail, the place stays taken for a while: better than doing it twice.
      await deps.store.finish(place, attempt, await kept(deps, place, reply, request.isSecret));
      return { reply, isReplay: false };
    },
    async unlessOther(request, run) {
      const place = placeOf(request);
      const attempt = deps.ids.next();
      const begun = await attemptNow(deps, place, { id: attempt, hash: hashContent([request.content]) });
      if (begun instanceof Problem) return begun;
      if (begun.state === 'other') return otherRequest();
      if (begun.state !== 'begun') return await run();
      const reply = await runOrFree(deps, place, attempt, run);
      if (reply instanceof Problem) await deps.store.abandon(place, attempt);
      else await deps.store.finish(place, attempt, null);
      return reply;
    },
  };
}

const placeOf = ({ principal, scope, key }: ComparedRequest): ReplyPlace => ({
  tenant: principal.tenant,
  principal: principal.id,
  scope,
  key,
});

/** Waits for an attempt that is under way. */
async function begin(
  deps: StoredRepliesDeps,
  place: ReplyPlace,
  attempt: { readonly id: string; readonly hash: number },
): Promise<Begun | Problem> {
  const { clock } = deps;
  const untilMs = clock.monotonicMs() + limits.replyWaitedMs;
  for (let pauseMs = 20; ; pauseMs = Math.min(pauseMs * 2, limits.replyLookMs)) {
    const begun = await attemptNow(deps, place, attempt);
    if (begun instanceof Problem || begun.state !== 'running') return begun;
    if (clock.monotonicMs() + pauseMs > untilMs)
      return overloaded('same_request', 'The same request is under way.');
    await new Promise<void>((resolve) => void clock.after(pauseMs, resolve));
  }
}

async function attemptNow(
  { store }: Pick<StoredRepliesDeps, 'store'>,
  place: ReplyPlace,
  attempt: { readonly id: string; readonly hash: number },
): Promise<Begun | Problem> {
  return await store.begin(place, attempt, { staleMs: limits.replyStaleMs, keptMs: limits.replyKeptMs });
}

async function runOrFree<R>(
  { store }: StoredRepliesDeps,
  place: ReplyPlace,
  attempt: string,
  run: () => Promise<R | Problem>,
): Promise<R | Problem> {
  try {
    return await run();
  } catch (error) {
    await store.abandon(place, attempt);
    throw error;
  }
}

const otherRequest = (): Problem => conflict('This Idempotency-Key was used with another request.');
const conflict = (message: string): Problem =>
  new Problem('conflict', message, { reason: 'idempotency_conflict' });

/** Secrets are sealed with the tenant's data key and bound to their place. Null: they cannot be. */
async function kept(
  { sealer }: StoredRepliesDeps,
  place: ReplyPlace,
  { status, body, headers }: KeptReply,
  isSecret: boolean,
): Promise<string | null> {
  const text = JSON.stringify({ status, body, headers });
  if (!isSecret) return `c${text}`;
  const sealed = await sealer.sealText(refOf(place), bindingOf(place), text);
  return sealed instanceof Problem ? null : `s${sealed}`;
}

async function replayed(
  { sealer }: StoredRepliesDeps,
  place: ReplyPlace,
  stored: string | null,
): Promise<{ readonly reply: KeptReply; readonly isReplay: true } | Problem> {
  const notKept = conflict('This request was answered; its reply was not kept.');
  if (stored === null) return notKept;
  const text = stored.slice(1);
  if (stored.startsWith('c')) return { reply: JSON.parse(text) as KeptReply, isReplay: true };
  const opener = await sealer.opener(refOf(place), [text]);
  if (opener instanceof Problem) return opener;
  const opened = opener.text(text, bindingOf(place));
  return typeof opened === 'string'
    ? notKept
    : { reply: JSON.parse(opened.text) as KeptReply, isReplay: true };
}

/** Sealed texts belong to a conversation; these belong to none, and open nowhere else. */
const refOf = ({ tenant }: ReplyPlace): ConversationRef => ({
  tenant,
  service: null,
  conversation: 'stored-reply',
});
const bindingOf = ({ principal, scope, key }: ReplyPlace): Place => [principal, `${scope} ${key}`];
