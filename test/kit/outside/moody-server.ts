/** A real HTTP server whose mood a test sets: well, or away in one of the ways that servers are. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { limits } from '../../../src/domain/limits.ts';
import { quietPort, type Teardown } from '../temporary.ts';

/** `gone`: nobody listens any more. `cut`: the connection breaks in the middle of the answer. */
export type Mood =
  | 'well'
  | 'gone'
  | 'silent'
  | 'status 500'
  | 'status 404'
  | 'html 403'
  | 'garbage'
  | 'null'
  | 'wrong shape'
  | 'huge'
  | 'redirect'
  | 'cut';

export const badMoods: readonly Mood[] = [
  ...(['gone', 'silent', 'status 500', 'status 404', 'html 403', 'garbage', 'null'] as const),
  ...(['wrong shape', 'huge', 'redirect', 'cut'] as const),
];

export interface MoodyServer {
  /** `http://127.0.0.1:port`, the same in every mood. */
  readonly url: string;
  /** Requests that arrived. */
  requests(): number;
  mood(): Mood;
  be(mood: Mood): Promise<void>;
}

/** `body`: JSON, unless its content type is another; undefined: none. */
export type Answering = (
  request: IncomingMessage,
  body: string,
) => { status?: number; headers?: Record<string, string | string[]>; body: unknown };

export async function startMoodyServer(t: Teardown, answer: Answering): Promise<MoodyServer> {
  let mood: Mood = 'well';
  let requests = 0;
  const server = createServer((request, response) => {
    requests += 1;
    const pieces: Buffer[] = [];
    request.on('data', (piece: Buffer) => pieces.push(piece));
    request.on('end', () => {
      if (mood !== 'well') return answerBadly(mood, response);
      const { status = 200, headers, body } = answer(request, Buffer.concat(pieces).toString());
      response.writeHead(status, { 'content-type': 'application/json', ...headers });
      response.end(
        typeof body === 'string' && headers?.['content-type'] !== undefined ? body : JSON.stringify(body),
      );
    });
  });
  // While it is gone nobody else may get its port: neither a server of another test nor an outgoing connection.
  const port = await quietPort();
  const listen = (): Promise<void> =>
    new Promise((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, '127.0.0.1', () => {
        server.off('error', reject);
        resolve();
      });
    });
  const end = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  await listen();
  t.teardown(end);
  return {
    url: `http://127.0.0.1:${port}`,
    requests: () => requests,
    mood: () => mood,
    async be(next) {
      if (next === 'gone' && mood !== 'gone') await end();
      if (next !== 'gone' && mood === 'gone') await listen();
      mood = next;
    },
  };
}

function answerBadly(mood: Mood, response: ServerResponse): void {
  const json = { 'content-type': 'application/json' };
  // As a real service might, it says yes to everything: nobody may look at the body of such an answer.
  const yes = JSON.stringify({ active: true, valid: true, sub: 'mallory', keyId: 'k', keys: [] });
  if (mood === 'status 500') response.writeHead(500, json).end(yes);
  else if (mood === 'status 404') response.writeHead(404, json).end(yes);
  else if (mood === 'html 403') response.writeHead(403).end('<h1>Forbidden</h1>');
  else if (mood === 'garbage') response.writeHead(200, json).end('{"active": tru');
  else if (mood === 'null') response.writeHead(200, json).end('null');
  else if (mood === 'wrong shape') response.writeHead(200, json).end('{"active":"yes","valid":1,"keys":{}}');
  else if (mood === 'redirect') response.writeHead(302, { location: '/elsewhere' }).end();
  else if (mood === 'huge') response.writeHead(200, json).end(`"${'x'.repeat(10 * 1024 * 1024)}"`);
  else if (mood === 'cut') {
    response.writeHead(200, { ...json, 'content-length': String(limits.externalAnswerBytesMax) });
    response.write(yes, () => response.destroy());
  }
}
