import { bounds } from './bounds.ts';
import { ParleyProblem } from './problem.ts';
import type { WebSocketConstructor } from './socket/web-socket.ts';

/**
 * Answers a token to connect with. `isRefused`: the one that it answered last is not valid (any more), so a fresh
 * one is needed. A ParleyProblem that it throws ends the client; any other error is tried again.
 */
export type TokenSource = (why: { readonly isRefused: boolean }) => string | Promise<string>;

export interface ConnectOptions {
  /** Of the node or what stands before it: `https://parley.example.org`. In a browser by default the page's own. */
  readonly url?: string;
  /** An access token; a function where it expires, which is asked for a fresh one before it does. */
  readonly token?: string | TokenSource;
  /** An API key of an agent or a service, instead of a token. Without either a session cookie must do (browsers). */
  readonly apiKey?: string;
  /** How long connect() tries to reach a node; default 30 s. A client that was connected tries for ever. */
  readonly connectTimeoutMs?: number;
  /** True: connect() rejects as soon as an attempt finds nobody there. A node that refuses for the moment is asked on. */
  readonly isImpatient?: boolean;
  /** After so much silence the server is asked for a sign of life; default 15 s. Lost is what is silent for twice that. */
  readonly heartbeatMs?: number;
  /** Default: that of the platform; in Node 20 that of the package `ws`, which is installed with this one. */
  readonly WebSocket?: WebSocketConstructor;
  /** Gives up connecting. Once connected, use close(). */
  readonly signal?: AbortSignal;
}

/** Options with their defaults. */
export interface Settings {
  /** `ws://…/v1/socket`. */
  readonly socketUrl: string;
  readonly token: TokenSource | null;
  /** The token is always the same: when it is refused there is no other. */
  readonly isFixed: boolean;
  readonly connectTimeoutMs: number;
  readonly isImpatient: boolean;
  readonly heartbeatMs: number;
  readonly WebSocket: WebSocketConstructor;
  readonly signal: AbortSignal | undefined;
}

interface Platform {
  readonly WebSocket?: WebSocketConstructor;
  readonly location?: { readonly origin: string };
}

/** Throws a ParleyProblem `invalid_request` for options that cannot be. */
export function settingsOf(options: ConnectOptions): Settings {
  const platform = globalThis as unknown as Platform;
  const WebSocket = options.WebSocket ?? platform.WebSocket;
  if (WebSocket === undefined)
    throw new ParleyProblem(
      'invalid_request',
      "There is no WebSocket here: Node 20 has none. Import 'parley/client', or pass one: connect({ WebSocket }) with that of 'ws'.",
    );
  const given = options.apiKey ?? options.token;
  return {
    socketUrl: socketUrlOf(options.url ?? platform.location?.origin),
    token: given === undefined ? null : typeof given === 'function' ? given : () => given,
    isFixed: typeof given !== 'function',
    connectTimeoutMs: options.connectTimeoutMs ?? bounds.connectMs,
    isImpatient: options.isImpatient === true,
    heartbeatMs: Math.max(100, options.heartbeatMs ?? bounds.heartbeatMs),
    WebSocket,
    signal: options.signal,
  };
}

/** Base address of HTTP: without a slash at the end. */
export function baseUrlOf(url: string | undefined): string {
  const parsed = url === undefined ? null : URL.canParse(url) ? new URL(url) : null;
  if (parsed === null || !/^(https?|wss?):$/.test(parsed.protocol))
    throw new ParleyProblem('invalid_request', 'url must be an address like https://parley.example.org.');
  const { protocol, host, pathname } = parsed;
  return `${protocol.replace('ws', 'http')}//${host}${pathname.replace(/\/+$/, '')}`;
}

function socketUrlOf(url: string | undefined): string {
  return `${baseUrlOf(url).replace(/^http/, 'ws')}/v1/socket`;
}
