/** Who plays in the suite of the Symbia routes, and the words that its tests share. */
import { randomUUID } from 'node:crypto';
import {
  type Account,
  type KeyHolder,
  makeAgent,
  makeService,
  signUp,
  signUpInto,
} from '../../kit/clients/accounts.ts';
import { call, type HttpAnswer, type HttpCall } from '../../kit/clients/http-client.ts';

/** One who can ask. */
export type Player = Pick<KeyHolder, 'id' | 'tenant' | 'token'>;

export interface SymbiaWorld {
  readonly url: string;
  /** Owner of the tenant: holds every scope but impersonate. */
  readonly ada: Player;
  /** Members of the tenant without scopes. */
  readonly ben: Player;
  readonly cleo: Player;
  /** Agents of the tenant without scopes. */
  readonly iris: Player;
  readonly juno: Player;
  /** A service of the tenant with every scope. */
  readonly hook: Player;
  /** Owner of another tenant. */
  readonly stranger: Player;
}

/** The same cast on a running node. */
export async function openSymbiaWorld(node: { readonly url: string }): Promise<SymbiaWorld> {
  const ada: Account = await signUp(node, 'ada');
  return {
    url: node.url,
    ada,
    ben: await signUpInto(node, ada, 'ben'),
    cleo: await signUpInto(node, ada, 'cleo'),
    iris: await makeAgent(node, ada, 'iris'),
    juno: await makeAgent(node, ada, 'juno'),
    hook: await makeService(node, ada),
    stranger: await signUp(node, 'stranger'),
  };
}

/** Requests of one player below /api/conversations. */
export class Client {
  readonly #world: SymbiaWorld;
  readonly #player: Player;
  readonly #headers: Readonly<Record<string, string>>;

  constructor(world: SymbiaWorld, player: Player, headers: Readonly<Record<string, string>> = {}) {
    this.#world = world;
    this.#player = player;
    this.#headers = headers;
  }

  request(method: string, path: string, body?: unknown, more: HttpCall = {}): Promise<HttpAnswer> {
    const headers = { ...this.#headers, ...more.headers };
    const sent = body === undefined ? {} : { body };
    return call(this.#world, method, `/api/conversations${path}`, {
      token: this.#player.token,
      ...more,
      ...sent,
      headers,
    });
  }

  get = (path: string): Promise<HttpAnswer> => this.request('GET', path);
  post = (path: string, body?: unknown): Promise<HttpAnswer> => this.request('POST', path, body);
  patch = (path: string, body?: unknown): Promise<HttpAnswer> => this.request('PATCH', path, body);
  delete = (path: string): Promise<HttpAnswer> => this.request('DELETE', path);
}

/** A group of Ada's with these members; answers its path. */
export async function group(world: SymbiaWorld, ...members: readonly Player[]): Promise<string> {
  const participants = members.map((one) => ({ userId: one.id }));
  const body = { type: 'group', name: 'Harbour', participants };
  const made = await new Client(world, world.ada).post('', body);
  if (made.status !== 201) throw new Error(`no group: ${made.status} ${JSON.stringify(made.body)}`);
  return `/${made.body.id}`;
}

/** A refusal in this API's shape. */
export const refused = (status: number, error: string): object => ({
  status,
  body: { error, message: error },
});

export const notParticipant = refused(403, 'Not a participant in this conversation');
export const noConversation = refused(404, 'Conversation not found');
export const missing = (): string => `/${randomUUID()}`;

/** Status and body alone: what two answers must have in common to be the same answer. */
export const said = ({ status, body }: HttpAnswer): object => ({ status, body });
export const timestamp = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/;
export const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
