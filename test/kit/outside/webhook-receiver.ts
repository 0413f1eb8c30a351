/** A real HTTP server that webhooks are posted to: it keeps what came, and answers as a test says. */
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Teardown } from '../temporary.ts';

export interface Received {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  /** As it came: what is signed. */
  readonly body: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into events of every type
  readonly json: any;
  readonly atMs: number;
}

export interface WebhookAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** No answer at all, for as long as the receiver is there. */
  readonly isSilent?: true;
}

export interface WebhookReceiver {
  /** `http://127.0.0.1:port`. */
  readonly url: string;
  readonly received: readonly Received[];
  /** What it answers from now on; 204 until it is set. */
  answer(by: (one: Received) => WebhookAnswer): void;
}

export async function startWebhookReceiver(t: Teardown): Promise<WebhookReceiver> {
  const received: Received[] = [];
  let answer: (one: Received) => WebhookAnswer = () => ({ status: 204 });
  const server = createServer((request, response) => {
    const pieces: Buffer[] = [];
    request.on('data', (piece: Buffer) => pieces.push(piece));
    request.on('end', () => {
      // Its sender was killed in the middle of it.
      if (!request.complete) return;
      const body = Buffer.concat(pieces).toString();
      const one: Received = {
        ...{ path: request.url ?? '', headers: request.headers, body },
        ...{ json: JSON.parse(body) as unknown, atMs: performance.now() },
      };
      received.push(one);
      const { status, headers = {}, isSilent } = answer(one);
      if (isSilent !== true) response.writeHead(status, headers).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(
    () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  );
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    received,
    answer(by) {
      answer = by;
    },
  };
}
