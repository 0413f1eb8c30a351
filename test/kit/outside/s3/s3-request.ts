import type { IncomingMessage } from 'node:http';

/** A request to a store, whole. */
export interface S3Request {
  readonly method: string;
  /** As sent: percent-encoded. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: Buffer;
  readonly bucket: string;
  /** Empty: the bucket itself. */
  readonly key: string;
}

/** Path-style: `/bucket/key`. */
export async function readS3Request(message: IncomingMessage): Promise<S3Request> {
  const pieces: Buffer[] = [];
  for await (const piece of message) pieces.push(piece as Buffer);
  const [path = '/', ...rest] = (message.url ?? '/').split('?');
  const [, bucket = '', ...segments] = path.split('/').map(decodeURIComponent);
  const headers = message.headers as S3Request['headers'];
  const query = new URLSearchParams(rest.join('?'));
  const body = Buffer.concat(pieces);
  return { method: message.method ?? '', path, query, headers, body, bucket, key: segments.join('/') };
}
