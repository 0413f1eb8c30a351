/**
 * What became of messages after the last event that is loaded: edits, reactions and deletions of an old message stand
 * far behind it in the log. For a window that does not reach the end the server is asked how its messages are now.
 */
import { signal } from '@preact/signals';
import type { Requests } from '../session/requests.ts';
import type { MessageNow } from '../timeline/fold.ts';

/** As GET /v1/chat/conversations/:id/messages answers. */
interface Row {
  readonly id: string;
  readonly seq_num: number;
  readonly content_text: string;
  readonly edit_count: number;
  readonly is_deleted: boolean;
  readonly rev: number;
  readonly reactions: readonly { readonly emoji: string; readonly user_ids: readonly string[] }[];
}

interface Page {
  readonly messages: readonly Row[];
  readonly has_more: boolean;
}

const pageMax = 200;
/** Pages of a whole window; each of its events has at most one seq. */
const pagesMax = 10;

export class LaterChanges {
  /** By message id. */
  readonly known = signal<ReadonlyMap<string, MessageNow>>(new Map());
  readonly #requests: Requests;
  readonly #path: string;

  constructor(requests: Requests, conversation: string) {
    this.#requests = requests;
    this.#path = `/v1/chat/conversations/${encodeURIComponent(conversation)}/messages`;
  }

  /** Reads messages from one seq to another; what was known of others is forgotten. Rejects with a RequestProblem. */
  async read(fromSeq: number, toSeq: number): Promise<void> {
    const rows: Row[] = [];
    for (let from = fromSeq, pages = 0; from <= toSeq && pages < pagesMax; pages += 1) {
      const page = await this.#page(from, toSeq);
      rows.push(...page.messages);
      from = page.has_more ? (page.messages.at(-1)?.seq_num ?? toSeq) + 1 : toSeq + 1;
    }
    this.known.value = new Map(rows.map((row) => [row.id, this.#newest(row)]));
  }

  /** One that was changed just now. */
  async readOne(seq: number): Promise<void> {
    const [row] = (await this.#page(seq, seq)).messages;
    if (row !== undefined) this.known.value = new Map(this.known.value).set(row.id, this.#newest(row));
  }

  /** Answers may overtake each other: what is known to be later stays. */
  #newest(row: Row): MessageNow {
    const known = this.known.value.get(row.id);
    return known !== undefined && known.position > row.rev ? known : nowOf(row);
  }

  async #page(from: number, to: number): Promise<Page> {
    const range = `from_seq=${from}&to_seq=${to}&limit=${pageMax}`;
    return await this.#requests.send<Page>('GET', `${this.#path}?${range}`);
  }
}

function nowOf({ rev, content_text: content, edit_count: edits, is_deleted, reactions }: Row): MessageNow {
  const by = reactions.map(({ emoji, user_ids }) => ({ emoji, by: user_ids }));
  return { position: rev, content, edits, isDeleted: is_deleted, reactions: by };
}
