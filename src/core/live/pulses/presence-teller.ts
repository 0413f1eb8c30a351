/** Tells what became of a principal's presence, in the order in which it was said. */
import type { ConversationRef } from '../../../domain/event.ts';
import { limits } from '../../../domain/limits.ts';
import type { Principal } from '../../../domain/principal.ts';
import { Problem } from '../../../domain/problem.ts';
import type { Clock } from '../../../ports/clock.ts';
import type { ProjectionReader } from '../../../ports/projection/projection-reader.ts';
import type { PresenceNewsFeed } from './presence-news.ts';

export interface PresenceTellerDeps {
  readonly feed: PresenceNewsFeed;
  readonly reader: Pick<ProjectionReader, 'refsOf'>;
  readonly clock: Pick<Clock, 'nowMicros'>;
  /** The name of this node. */
  readonly node: string;
}

export class PresenceTeller {
  readonly #deps: PresenceTellerDeps;
  /** The news of a principal that is being told; its next one waits for it. Bounded by the sockets' events in flight. */
  readonly #telling = new Map<string, Promise<void>>();
  /** Names the news of this node; begins with the time, so that none of a former process comes again. */
  #newsNumber: number;

  constructor(deps: PresenceTellerDeps) {
    this.#deps = deps;
    this.#newsNumber = deps.clock.nowMicros();
  }

  /** Tells it at once, in these conversations. */
  tell(principal: Principal, refs: readonly ConversationRef[], news: object): void {
    const { feed, node } = this.#deps;
    this.#newsNumber += 1;
    feed.tell(principal, refs, { ...news, news: `${node}/${this.#newsNumber}` });
  }

  /**
   * Tells it in all conversations of the principal, unless it is not so any more when they are known. In the order
   * of the calls, however long each read takes: the last news said is the last one heard.
   */
  async tellEverywhere(principal: Principal, news: object, isStillSo = () => true): Promise<Problem | null> {
    const key = `${principal.tenant}/${principal.id}`;
    const reading = this.#deps.reader.refsOf(principal.tenant, principal.id, limits.presenceConversationsMax);
    const told = Promise.all([reading, this.#telling.get(key)]).then(([refs]) => {
      if (refs instanceof Problem) return refs;
      if (isStillSo()) this.tell(principal, refs, news);
      return null;
    });
    const ended = told.then(
      () => undefined,
      () => undefined,
    );
    this.#telling.set(key, ended);
    try {
      return await told;
    } finally {
      if (this.#telling.get(key) === ended) this.#telling.delete(key);
    }
  }
}
