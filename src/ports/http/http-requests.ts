/** Requests to other systems over HTTP: bounded in time, size and number, redirects never followed. */

export interface HttpRequest {
  readonly method: 'GET' | 'POST';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
}

export interface HttpResponse {
  readonly status: number;
  /** By name in lower case. */
  readonly headers: Readonly<Record<string, readonly string[] | undefined>>;
  /** '' where bodies are ignored. */
  readonly body: string;
}

/**
 * `away`: no connection, or it broke. `late`: no whole answer in time. `overloaded`: too many wait already.
 * `too_large`: more of a body than is read. `private_address`: it leads to the inside, and only public addresses are reached.
 */
export type HttpFault = 'away' | 'late' | 'too_large' | 'overloaded' | 'private_address';

export interface HttpRequests {
  /** Never rejects. */
  send(request: HttpRequest): Promise<HttpResponse | HttpFault>;
}
