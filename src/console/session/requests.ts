/** Requests to the node that served the page, and what becomes of those that fail. */

/**
 * What proves who asks. `cookie`: the session cookie, which no script sees. `key`: an API key that was pasted; it
 * lives in this object and nowhere else, so that closing or reloading the page forgets it.
 */
export type Credential = { readonly kind: 'cookie' } | { readonly kind: 'key'; readonly key: string };

/** Why a request was refused, or did not get through (`offline`). */
export class RequestProblem extends Error {
  readonly code: string;
  /** 0: there was no answer. */
  readonly status: number;
  readonly retryAfterMs: number | null;

  constructor(code: string, message: string, status: number, retryAfterMs: number | null = null) {
    super(message);
    this.code = code;
    this.status = status;
    this.retryAfterMs = retryAfterMs;
  }
}

export type Method = 'GET' | 'POST' | 'PATCH' | 'DELETE';

export interface Requests {
  /** Resolves to the body as JSON (null: empty). Rejects with a RequestProblem. */
  readonly send: <T>(method: Method, path: string, body?: object) => Promise<T>;
  /** The same for an answer that is text. */
  readonly text: (path: string) => Promise<string>;
}

const waitMsMax = 20_000;

/** `onSignedOut`: called for each answer that says that nobody is signed in (any more). */
export function openRequests(credential: Credential, onSignedOut: () => void): Requests {
  const ask = async (method: Method, path: string, body?: object): Promise<Response> => {
    const answer = await answerTo(credential, method, path, body);
    if (answer.ok) return answer;
    if (answer.status === 401) onSignedOut();
    throw await problemOf(answer);
  };
  return {
    send: async <T>(method: Method, path: string, body?: object) => {
      const text = await (await ask(method, path, body)).text();
      return (text === '' ? null : JSON.parse(text)) as T;
    },
    text: async (path) => (await ask('GET', path)).text(),
  };
}

async function answerTo(
  credential: Credential,
  method: Method,
  path: string,
  body?: object,
): Promise<Response> {
  const isKey = credential.kind === 'key';
  try {
    return await fetch(path, {
      method,
      // A pasted key is not mixed with the cookie of somebody who is signed in here, too.
      credentials: isKey ? 'omit' : 'same-origin',
      headers: {
        accept: 'application/json',
        ...(isKey ? { authorization: `Bearer ${credential.key}` } : {}),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      signal: AbortSignal.timeout(waitMsMax),
      redirect: 'error',
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  } catch {
    throw new RequestProblem('offline', 'The server cannot be reached.', 0);
  }
}

interface RefusalBody {
  readonly error?: string | { readonly code?: string; readonly message?: string };
  readonly message?: string;
}

/** Each API words its refusals in its own way; there are two that the console asks. */
async function problemOf(answer: Response): Promise<RequestProblem> {
  const { error, message } = await bodyOf(answer);
  const told = typeof error === 'object' ? error.message : (message ?? error);
  const code = typeof error === 'object' && error.code !== undefined ? error.code : String(answer.status);
  const seconds = Number(answer.headers.get('retry-after'));
  const words = told ?? `The server answered ${answer.status}.`;
  return new RequestProblem(code, words, answer.status, seconds > 0 ? seconds * 1000 : null);
}

async function bodyOf(answer: Response): Promise<RefusalBody> {
  try {
    const body: unknown = await answer.json();
    return typeof body === 'object' && body !== null ? body : {};
  } catch {
    return {};
  }
}

/** A sentence for people, whatever was thrown. */
export function sentenceOf(error: unknown): string {
  if (error instanceof RequestProblem && error.retryAfterMs !== null) {
    return `${error.message} Try again in ${Math.ceil(error.retryAfterMs / 1000)} s.`;
  }
  return error instanceof Error ? error.message : String(error);
}
