import { bounds } from './bounds.ts';
import type { Asking, Conversation } from './conversation.ts';
import type { Link } from './socket/link.ts';
import type { CreatedConversation, ListedConversation, ListFields, NewConversation } from './wire.ts';

export interface ListPage {
  readonly conversations: readonly ListedConversation[];
  /** The `cursor` of the next page. */
  readonly next: string | null;
}

/** The caller's conversations. */
export class Conversations {
  readonly #link: Link;
  readonly #named: (id: string) => Conversation;

  constructor(link: Link, named: (id: string) => Conversation) {
    this.#link = link;
    this.#named = named;
  }

  /** Makes a conversation; the creator is its owner. Not asked again when the answer gets lost (`disconnected`). */
  async create(
    fields: NewConversation,
    { signal }: Asking = {},
  ): Promise<Conversation & { readonly created: CreatedConversation }> {
    const reply = await this.#link.request('create', fields, { isRepeatable: false, signal });
    const created = reply.conversation as unknown as CreatedConversation;
    return Object.assign(this.#named(created.id), { created });
  }

  /** One page, newest activity first. */
  async page(fields: ListFields = {}, { signal }: Asking = {}): Promise<ListPage> {
    return (await this.#link.request('list', fields, { isRepeatable: true, signal })) as unknown as ListPage;
  }

  /** All of them, newest activity first, page by page as they are iterated. */
  async *list({
    signal,
    ...fields
  }: ListFields & Asking = {}): AsyncGenerator<ListedConversation, void, undefined> {
    for (let cursor: string | null | undefined = fields.cursor; cursor !== null; ) {
      const asked = { limit: bounds.pageMax, ...fields, ...(cursor === undefined ? {} : { cursor }) };
      const page: ListPage = await this.page(asked, signal === undefined ? {} : { signal });
      yield* page.conversations;
      cursor = page.next;
    }
  }
}
