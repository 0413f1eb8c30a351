/** Requests of tests over HTTP: JSON in, JSON out, nothing thrown for a status. */

export type HttpAnswer = {
  readonly status: number;
  readonly headers: Headers;
  /** Parsed JSON; null for an empty body, the text for anything else. */
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape
  readonly body: any;
};

export type HttpCall = {
  /** Sent as `Authorization: Bearer`. */
  readonly token?: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
};

/** Shorter than the time limit of a test, which would not say whose answer was missing. */
const answerMsMax = 45_000;

/** One request with its own connection pool entry; `path` begins with a slash. Rejects when no answer comes. */
export async function call(
  node: { readonly url: string },
  method: string,
  path: string,
  { token, body, headers }: HttpCall = {},
): Promise<HttpAnswer> {
  const signal = AbortSignal.timeout(answerMsMax);
  const init = {
    method,
    signal,
    redirect: 'manual' as const,
    headers: {
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  };
  try {
    const response = await fetch(node.url + path, init);
    const text = await response.text();
    return { status: response.status, headers: response.headers, body: parsed(text) };
  } catch (error) {
    if (!signal.aborted) throw error;
    throw new Error(`${method} ${path} was not answered within ${answerMsMax} ms`, { cause: error });
  }
}

function parsed(text: string): unknown {
  if (text === '') return null;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
