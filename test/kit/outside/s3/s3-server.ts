/**
 * An S3-compatible store over HTTP, in memory: it checks every signature, and a test may look into it, change what
 * lies there, move its clock and send it away.
 */
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { S3Place } from '../../../../src/adapters/media-s3/s3-calls.ts';
import { quietPort, type Teardown } from '../../temporary.ts';
import { answerObjects, type Objects, refusal, type S3Answer } from './objects.ts';
import { readS3Request, type S3Request } from './s3-request.ts';
import { signatureFault } from './signature.ts';

/**
 * `gone`: nobody listens. `failing`: 500 for everything. `silent`: no answer. `cut`: bodies break off half-way.
 * `rangeless`: ranges are not known.
 */
export type S3Mood = 'well' | 'gone' | 'failing' | 'silent' | 'cut' | 'rangeless';

export interface S3Server {
  readonly place: S3Place;
  readonly objects: Objects;
  /** What was asked, with a status: `PUT parley/blobs/… 200`, keys without their ids. */
  readonly asked: readonly string[];
  /** Variables of a node that keeps its files here. */
  readonly env: Readonly<Record<string, string>>;
  /** How far its clock is ahead of ours. */
  moveClock(ms: number): void;
  /** Called before each request is answered. */
  before(look: (request: S3Request) => void): void;
  be(mood: S3Mood): Promise<void>;
}

const account = { region: 'harbour-1', accessKey: 'AKHARBOUR', secretKey: 'not+a/secret' } as const;
const bucket = 'media';

export async function startS3Server(t: Teardown): Promise<S3Server> {
  const objects: Objects = new Map();
  const asked: string[] = [];
  let [mood, aheadMs]: [S3Mood, number] = ['well', 0];
  let look: (request: S3Request) => void = () => {};

  const answer = (request: S3Request): S3Answer => {
    if (mood === 'failing') return refusal(500, 'InternalError');
    const nowMs = Date.now() + aheadMs;
    const fault = signatureFault(request, account, nowMs);
    if (fault !== null) return refusal(403, fault);
    if (request.bucket !== bucket) return refusal(404, 'NoSuchBucket');
    const heard =
      mood === 'rangeless' ? { ...request, headers: { ...request.headers, range: undefined } } : request;
    return answerObjects(objects, heard, nowMs);
  };

  const server = createServer(async (message, response) => {
    const request = await readS3Request(message).catch(() => null);
    if (request === null || mood === 'silent') return;
    look(request);
    const answered = answer(request);
    asked.push(`${request.method} ${request.key.replace(/[0-9a-f-]{36}$/, '…')} ${answered.status}`);
    send(response, request, answered, mood === 'cut');
  });
  // While it is gone nobody else may get its port: neither a server of another test nor an outgoing connection.
  const port = await quietPort();
  const listen = async (): Promise<void> => {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
  };
  const end = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  await listen();
  t.teardown(end);
  const place = { endpoint: `http://127.0.0.1:${port}`, bucket, ...account };
  return {
    ...{ place, objects, asked, env: s3Variables(place) },
    moveClock(ms) {
      aheadMs = ms;
    },
    before(next) {
      look = next;
    },
    async be(next) {
      if (next === 'gone' && mood !== 'gone') await end();
      if (next !== 'gone' && mood === 'gone') await listen();
      mood = next;
    },
  };
}

/** Variables of a node. */
export function s3Variables({ endpoint, ...place }: S3Place): Readonly<Record<string, string>> {
  return {
    PARLEY_S3_ENDPOINT: endpoint,
    PARLEY_S3_BUCKET: place.bucket,
    PARLEY_S3_REGION: place.region,
    PARLEY_S3_ACCESS_KEY: place.accessKey,
    PARLEY_S3_SECRET_KEY: place.secretKey,
  };
}

function send(
  response: ServerResponse,
  { method }: S3Request,
  { status, headers, body = '' }: S3Answer,
  isCut: boolean,
) {
  const bytes = typeof body === 'string' ? Buffer.from(body) : body;
  response.writeHead(status, { ...headers, 'content-length': bytes.length, 'x-amz-request-id': 'stand-in' });
  if (method === 'HEAD') response.end();
  else if (isCut && bytes.length > 1)
    response.write(bytes.subarray(0, bytes.length / 2), () => response.destroy());
  else response.end(bytes);
}
