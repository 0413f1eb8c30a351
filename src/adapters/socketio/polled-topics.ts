import type { TopicReaders } from '../../contract/sockets/event-door.ts';
import type { Frame } from '../../ports/outbox.ts';

export interface TopicMember {
  take(frame: Frame): void;
}

/** Members of topics that cannot be subscribed at the WebSocket: they poll, or are not yet told that they are connected. */
export class PolledTopics implements TopicReaders {
  /** Bounded by the sockets of the node and what each follows. */
  readonly #members = new Map<string, Set<TopicMember>>();

  publish(topic: string, frame: Frame): void {
    const members = this.#members.get(topic);
    if (members === undefined) return;
    // A member that is too slow is closed, and leaves.
    for (const member of [...members]) member.take(frame);
  }

  join(topic: string, member: TopicMember): void {
    const members = this.#members.get(topic);
    if (members === undefined) this.#members.set(topic, new Set([member]));
    else members.add(member);
  }

  leave(topic: string, member: TopicMember): void {
    const members = this.#members.get(topic);
    if (members?.delete(member) && members.size === 0) this.#members.delete(topic);
  }
}
