/** A blob as an HTTP answer: whole, in part, or not again (RFC 9110 §13, §14). */

import { limits } from '../../domain/limits.ts';
import { Problem } from '../../domain/problem.ts';
import type { BlobId, BytePieces } from '../../ports/media.ts';
import type { Reply, RequestContext } from '../operation.ts';
import { byteRange } from './byte-range.ts';
import { contentDisposition } from './filename.ts';

export interface ServedFile {
  readonly blob: BlobId;
  readonly sizeBytes: number;
  readonly contentType: string;
  readonly filename: string;
  /** Else a browser saves it, whatever it is. */
  readonly isShown: boolean;
}

/** `refuse`: how the dialect words a range that begins behind the end (416). */
export function serveFile(
  { blob, sizeBytes, contentType, filename, isShown }: ServedFile,
  request: RequestContext,
  read: (from: number, to: number) => BytePieces,
  refuse: (problem: Problem, request: RequestContext) => Reply,
): Reply {
  // A blob never changes: its id names its bytes.
  const etag = `"${blob}"`;
  const headers = {
    ETag: etag,
    'Accept-Ranges': 'bytes',
    'Cache-Control': `private, max-age=${limits.mediaUrlMs / 1000}, immutable`,
    'Content-Disposition': contentDisposition(isShown ? 'inline' : 'attachment', filename),
    // Who has the URL may show it anywhere: it is the credential.
    'Cross-Origin-Resource-Policy': 'cross-origin',
  };
  if (hasIt(request.ifNoneMatch, etag)) return { status: 304, headers };
  const isSame = request.ifRange === null || request.ifRange === etag;
  const range = isSame ? byteRange(request.range, sizeBytes) : null;
  if (range === 'unsatisfiable') {
    const refusal = refuse(new Problem('invalid_request', 'The range begins behind the end.'), request);
    return { ...refusal, status: 416, headers: { 'Content-Range': `bytes */${sizeBytes}` } };
  }
  if (range === null) {
    return {
      status: 200,
      contentType,
      headers,
      stream: { lengthBytes: sizeBytes, pieces: read(0, sizeBytes - 1) },
    };
  }
  const { from, to } = range;
  return {
    status: 206,
    contentType,
    headers: { ...headers, 'Content-Range': `bytes ${from}-${to}/${sizeBytes}` },
    stream: { lengthBytes: to - from + 1, pieces: read(from, to) },
  };
}

function hasIt(ifNoneMatch: string | null, etag: string): boolean {
  if (ifNoneMatch === null) return false;
  return ifNoneMatch.split(',').some((one) => one.trim().replace(/^W\//, '') === etag);
}
