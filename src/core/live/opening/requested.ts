/**
 * What one open asks for, until the reply: conversations are prepared and pinned, get an audience that has
 * everything up to the present, and are refused when the reader may not read them then, or has too many.
 */
import type { ConversationId } from '../../../domain/ids.ts';
import { overloaded } from '../../../domain/limiting/overload.ts';
import { limits } from '../../../domain/limits.ts';
import { mayRead } from '../../../domain/permissions.ts';
import { Problem } from '../../../domain/problem.ts';
import type { Clock } from '../../../ports/clock.ts';
import type { LoadedConversation } from '../../conversations/loaded-conversation.ts';
import type { Delivery } from '../delivery.ts';
import type { DraftReader } from '../drafts/draft-reader.ts';
import type { OpenRequest, Refused } from '../live-bus.ts';
import type { Session } from '../session.ts';
import { ensureAudience, releaseAudience } from './first-reader.ts';
import { type PrepareDeps, prepareAndPin, type Ready } from './prepare.ts';

export interface RequestedDeps extends PrepareDeps {
  readonly delivery: Pick<Delivery, 'deliverAll' | 'repaired'>;
  readonly drafts: DraftReader;
  readonly clock: Pick<Clock, 'monotonicMs'>;
}

export class Requested {
  readonly #deps: RequestedDeps;
  readonly #session: Session;
  readonly #requests: readonly OpenRequest[];
  readonly #pinned: Ready[] = [];
  readonly #refused: Refused[] = [];
  /** A close that comes while these are prepared wins: they are answered, and not followed. */
  readonly #wanted: Set<ConversationId>;

  /** Whoever makes one releases it in the end. */
  constructor(deps: RequestedDeps, session: Session, requests: readonly OpenRequest[]) {
    this.#deps = deps;
    this.#session = session;
    this.#requests = requests;
    this.#wanted = new Set(requests.map((request) => request.conversation));
    session.preparing.add(this.#wanted);
  }

  /** A few at once; then all of them wait until their audiences have what others were given. */
  async prepare(): Promise<void> {
    for (let start = 0; start < this.#requests.length; start += limits.conversationsLoadedAtOnce) {
      const some = this.#requests.slice(start, start + limits.conversationsLoadedAtOnce);
      const prepared = await Promise.all(
        some.map((request) => prepareAndPin(this.#deps, this.#session, request)),
      );
      for (const [index, one] of prepared.entries()) {
        if (!(one instanceof Problem)) this.#pinned.push(one);
        else this.#refused.push({ conversation: some[index]?.conversation ?? '', problem: one });
      }
    }
    await Promise.all(this.#pinned.map((one) => ensureAudience(this.#deps.drafts, one.conversation)));
    await this.#level();
  }

  /** In the turn of the reply: those that may be followed, and all that may not. */
  admit(): { readonly ready: readonly Ready[]; readonly refused: readonly Refused[] } {
    const { opened, opening } = this.#session;
    const ready = this.#pinned.filter(({ conversation }) => {
      const problem = this.#refusalNow(conversation);
      if (problem !== null) this.#refuse(conversation, problem);
      return problem === null;
    });
    const room = Math.max(0, limits.openConversationsPerSocketMax - opened.size - opening.size);
    for (const { conversation } of ready.splice(room))
      this.#refuse(conversation, overloaded('conversations_of_socket'));
    return { ready, refused: this.#refused };
  }

  /** False: it was closed meanwhile. */
  isWanted({ ref }: LoadedConversation): boolean {
    return this.#wanted.has(ref.conversation);
  }

  release(): void {
    this.#session.preparing.delete(this.#wanted);
    for (const { conversation } of this.#pinned) {
      conversation.pins -= 1;
      releaseAudience(conversation);
    }
  }

  #refuse({ ref }: LoadedConversation, problem: Problem): void {
    this.#refused.push({ conversation: ref.conversation, problem });
  }

  /**
   * Waits until the audiences have everything up to the present position, so that whoever joins then gets
   * what comes next and nothing older. Gives up after a while: admit() then refuses.
   */
  async #level(): Promise<void> {
    const { delivery, clock } = this.#deps;
    const deadline = clock.monotonicMs() + limits.logReadTimeoutMs;
    for (;;) {
      // What was dropped meanwhile is not repaired by anybody, and refused in the end.
      const present = this.#pinned.filter(({ conversation }) => conversation.trust !== 'gone');
      const behind = present.filter((one) => !delivery.deliverAll(one.conversation));
      if (behind.length === 0 || clock.monotonicMs() > deadline) return;
      await Promise.all(behind.map((one) => delivery.repaired(one.conversation)));
    }
  }

  /** What changed since it was prepared. */
  #refusalNow(conversation: LoadedConversation): Problem | null {
    const { principal, env } = this.#session;
    if (!mayRead(conversation.state, principal, env)) return new Problem('not_found');
    const isLevel = this.#deps.delivery.deliverAll(conversation) && conversation.trust !== 'gone';
    return isLevel ? null : new Problem('unavailable');
  }
}
