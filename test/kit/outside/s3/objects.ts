/** What a bucket does: the requests of S3 that stand-ins and other stores have in common. */
import { createHash } from 'node:crypto';
import type { S3Request } from './s3-request.ts';

export interface StoredObject {
  readonly bytes: Buffer;
  readonly type: string;
  readonly disposition: string | undefined;
  readonly etag: string;
  readonly atMs: number;
}

export interface S3Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Buffer | string;
}

export type Objects = Map<string, StoredObject>;

/** A code of S3 as it is answered. */
export function refusal(status: number, code: string): S3Answer {
  const body = `${xml}<Error><Code>${code}</Code><Message>${code} of the stand-in</Message></Error>`;
  return { status, headers: { 'content-type': 'application/xml' }, body };
}

/** Signed and in a bucket that is there. */
export function answerObjects(objects: Objects, request: S3Request, nowMs: number): S3Answer {
  const { method, key, query, headers } = request;
  // As a store that never heard of them: a client must not need what came later than 2020.
  const later = Object.keys(headers).find((name) => /^x-amz-(?:checksum-|sdk-checksum|trailer)/.test(name));
  if (later !== undefined || headers['x-amz-content-sha256']?.startsWith('STREAMING-') === true)
    return refusal(501, 'NotImplemented');
  if (key === '') {
    if (method === 'HEAD') return { status: 200 };
    return method === 'GET' && query.get('list-type') === '2'
      ? list(objects, query)
      : refusal(501, 'NotImplemented');
  }
  if (method === 'PUT' && headers['x-amz-copy-source'] !== undefined) return copy(objects, request, nowMs);
  if (method === 'PUT') return put(objects, request, nowMs);
  if (method === 'GET' || method === 'HEAD') return get(objects, request);
  if (method !== 'DELETE') return refusal(405, 'MethodNotAllowed');
  objects.delete(key);
  return { status: 204 };
}

function put(objects: Objects, { key, headers, body }: S3Request, atMs: number): S3Answer {
  if (headers['content-length'] === undefined) return refusal(411, 'MissingContentLength');
  const etag = `"${createHash('md5').update(body).digest('hex')}"`;
  const type = headers['content-type'] ?? 'binary/octet-stream';
  objects.set(key, { bytes: body, type, disposition: headers['content-disposition'], etag, atMs });
  return { status: 200, headers: { etag } };
}

function copy(objects: Objects, { key, bucket, headers }: S3Request, atMs: number): S3Answer {
  const source = decodeURIComponent(headers['x-amz-copy-source'] ?? '').replace(/^\//, '');
  const from = source.startsWith(`${bucket}/`) ? objects.get(source.slice(bucket.length + 1)) : undefined;
  if (from === undefined) return refusal(404, 'NoSuchKey');
  const wanted = headers['x-amz-copy-source-if-match'];
  if (wanted !== undefined && wanted !== from.etag) return refusal(412, 'PreconditionFailed');
  const isReplaced = headers['x-amz-metadata-directive'] === 'REPLACE';
  const type = isReplaced ? (headers['content-type'] ?? 'binary/octet-stream') : from.type;
  const disposition = isReplaced ? headers['content-disposition'] : from.disposition;
  objects.set(key, { ...from, type, disposition, atMs });
  const at = new Date(atMs).toISOString();
  const body = `${xml}<CopyObjectResult><ETag>${escaped(from.etag)}</ETag><LastModified>${at}</LastModified></CopyObjectResult>`;
  return { status: 200, headers: { 'content-type': 'application/xml' }, body };
}

function get(objects: Objects, { key, method, headers, query }: S3Request): S3Answer {
  const found = objects.get(key);
  if (found === undefined) return method === 'HEAD' ? { status: 404 } : refusal(404, 'NoSuchKey');
  const { bytes, etag, type, disposition, atMs } = found;
  const shown = query.get('response-content-disposition') ?? disposition;
  const common = {
    ...{ etag, 'accept-ranges': 'bytes', 'last-modified': new Date(atMs).toUTCString() },
    'content-type': query.get('response-content-type') ?? type,
    ...(shown === undefined ? {} : { 'content-disposition': shown }),
  };
  const [, first, last] = /^bytes=(\d+)-(\d*)$/.exec(headers['range'] ?? '') ?? [];
  if (first === undefined) return { status: 200, headers: common, body: bytes };
  const [from, to] = [Number(first), Math.min(last ? Number(last) : bytes.length, bytes.length - 1)];
  if (from > to) return refusal(416, 'InvalidRange');
  const range = { 'content-range': `bytes ${from}-${to}/${bytes.length}` };
  return { status: 206, headers: { ...common, ...range }, body: bytes.subarray(from, to + 1) };
}

function list(objects: Objects, query: URLSearchParams): S3Answer {
  const [prefix, max] = [query.get('prefix') ?? '', Number(query.get('max-keys') ?? 1_000)];
  const all = [...objects].filter(([key]) => key.startsWith(prefix)).sort(([a], [b]) => (a < b ? -1 : 1));
  const contents = all.slice(0, max).map(([key, { atMs, etag, bytes }]) => {
    const at = new Date(atMs).toISOString();
    return `<Contents><Key>${escaped(key)}</Key><LastModified>${at}</LastModified><ETag>${escaped(etag)}</ETag><Size>${bytes.length}</Size></Contents>`;
  });
  const rest = `<IsTruncated>${all.length > max}</IsTruncated><KeyCount>${contents.length}</KeyCount>`;
  const body = `${xml}<ListBucketResult>${rest}${contents.join('')}</ListBucketResult>`;
  return { status: 200, headers: { 'content-type': 'application/xml' }, body };
}

const xml = '<?xml version="1.0" encoding="UTF-8"?>\n';

function escaped(text: string): string {
  return text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/"/g, '&quot;');
}
