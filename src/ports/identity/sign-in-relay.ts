/** Login and logout where the accounts are: requests go there, answers come back as they are. */
import type { Problem } from '../../domain/problem.ts';

export interface RelayedAnswer {
  readonly status: number;
  readonly body: string;
  /** Null when it said none. */
  readonly contentType: string | null;
  /** `Set-Cookie` lines. */
  readonly setCookies: readonly string[];
  /** Seconds; null when it said none. */
  readonly retryAfter: string | null;
}

/** Neither rejects. `away`: no whole answer in time, or none that can be passed on. A Problem: we have too much to do. */
export interface SignInRelay {
  /** `body`: JSON as the client sent it. `address`: the client's; null when it is not known. */
  login(body: string, address: string | null): Promise<RelayedAnswer | 'away' | Problem>;
  /** `cookie`: the client's Cookie header, '' for none. */
  logout(cookie: string, address: string | null): Promise<RelayedAnswer | 'away' | Problem>;
}
