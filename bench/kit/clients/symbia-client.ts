/** Requests of the Symbia Messaging API that a bench makes before and after it measures. */

export type SymbiaMessage = {
  readonly sequence: number;
  readonly content: string;
  readonly created_at: string;
};

export type SymbiaClient = {
  /** A group with these participants; its id. */
  createGroup(name: string, participants: readonly string[]): Promise<string>;
  /** Everything that was posted to it, page by page. */
  readAll(conversation: string): Promise<readonly SymbiaMessage[]>;
};

const pageMax = 200;

/** `cursorOf`: what `after` of the next page is, of the last message of this one. */
export function symbiaClient(
  url: string,
  token: string,
  cursorOf: (last: SymbiaMessage) => string | number = (last) => last.created_at,
): SymbiaClient {
  const ask = async <T>(method: string, path: string, body?: object): Promise<T> => {
    const response = await fetch(`${url}/api/conversations${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return JSON.parse(text) as T;
  };
  return {
    async createGroup(name, participants) {
      const body = { type: 'group', name, participants: participants.map((userId) => ({ userId })) };
      return (await ask<{ id: string }>('POST', '', body)).id;
    },
    async readAll(conversation) {
      const all: SymbiaMessage[] = [];
      let after = '';
      for (;;) {
        const query = `/messages?limit=${pageMax}${after}`;
        const page = await ask<readonly SymbiaMessage[]>('GET', `/${conversation}${query}`);
        all.push(...page);
        const last = page.at(-1);
        if (last === undefined || page.length < pageMax) return all;
        after = `&after=${cursorOf(last)}`;
      }
    },
  };
}
