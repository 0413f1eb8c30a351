/** A server with the routes and events of the Symbia Messaging API that a bench uses, and users who may use them. */
import type { Accounts } from './accounts.ts';
import { type SymbiaClient, symbiaClient } from './symbia-client.ts';

export type ChatSide = {
  /** `http://host:port`. */
  readonly url: string;
  /** Ids of at least 100 users. */
  readonly users: readonly string[];
  /** What user number `index` shows with a request… */
  readonly headers: (index: number) => Readonly<Record<string, string>>;
  /** …and when its socket connects. */
  readonly auth: (index: number) => Readonly<Record<string, string>>;
  /** Somebody who makes conversations and reads them. */
  readonly owner: SymbiaClient;
  /** It promises no order of what it sends. */
  readonly anyOrder: boolean;
};

export function parleyChatSide(url: string, { agents, ownerToken }: Accounts): ChatSide {
  return {
    url,
    users: agents.map(({ id }) => id),
    headers: (index) => ({ 'x-api-key': agents[index]!.key }),
    auth: (index) => ({ apiKey: agents[index]!.key }),
    owner: symbiaClient(url, ownerToken),
    anyOrder: false,
  };
}
