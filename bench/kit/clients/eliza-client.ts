/** Requests of the ElizaOS server API that a bench makes before and after it measures. */

export type ElizaMessage = { readonly id: string; readonly content: string; readonly createdAt: string };

/** One of the servers that are held against each other. */
export type ElizaSide = { readonly url: string; readonly key: string };

export type ElizaClient = {
  /** The id of the message server that channels are made in. */
  readonly messageServer: string;
  /** A group channel with these participants, any UUIDs; its id. */
  createChannel(name: string, participants: readonly string[]): Promise<string>;
  /** Everything that was posted to it, newest first, page by page. */
  readAll(channel: string): Promise<readonly ElizaMessage[]>;
};

const pageLength = 100;

export async function elizaClient({ url, key }: ElizaSide): Promise<ElizaClient> {
  const ask = async <T>(method: string, path: string, body?: object): Promise<T> => {
    const response = await fetch(`${url}/api/messaging${path}`, {
      method,
      headers: { 'x-api-key': key, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return (JSON.parse(text) as { data: T }).data;
  };
  const { messageServerId } = await ask<{ messageServerId: string }>('GET', '/message-server/current');
  return {
    messageServer: messageServerId,
    async createChannel(name, participants) {
      const channel = { name, participantCentralUserIds: participants, message_server_id: messageServerId };
      return (await ask<{ id: string }>('POST', '/channels', channel)).id;
    },
    async readAll(channel) {
      const all = new Map<string, ElizaMessage>();
      for (let before = ''; ; before = `&before=${nextBound(all)}`) {
        const query = `/channels/${channel}/messages?limit=${pageLength}${before}`;
        const { messages } = await ask<{ messages: readonly ElizaMessage[] }>('GET', query);
        const known = all.size;
        for (const message of messages) all.set(message.id, message);
        if (messages.length < pageLength) return [...all.values()];
        if (all.size === known) throw new Error(`${pageLength} messages of one millisecond`);
      }
    },
  };
}

/** The real server's bound is exclusive and counts milliseconds: pages overlap, or messages of one are lost. */
function nextBound(messages: ReadonlyMap<string, ElizaMessage>): number {
  let oldest = Number.POSITIVE_INFINITY;
  for (const { createdAt } of messages.values()) oldest = Math.min(oldest, Date.parse(createdAt));
  return oldest + 1;
}
