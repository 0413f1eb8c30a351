/** /console: the web console, a page and its files, as they were built (ADR 0038). */
import { Type } from '@sinclair/typebox';
import { type Operation, operation, type Reply, type RequestContext } from '../contract/operation.ts';
import { Problem } from '../domain/problem.ts';
import type { ConsoleFile, ConsoleFiles } from '../ports/http/console-files.ts';

/**
 * The page may load its own files and talk to its own origin (`'self'` is ws: and wss: of it, too), and nothing else:
 * no script or style in the page itself, no text that becomes markup, no frame around it.
 */
export const consolePolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  "img-src 'self' data:",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join('; ');

const pageHeaders = {
  'Cache-Control': 'no-cache',
  'Content-Security-Policy': consolePolicy,
  'Cross-Origin-Opener-Policy': 'same-origin',
};
/** Its name has the hash of its content. */
const assetHeaders = { 'Cache-Control': 'public, max-age=31536000, immutable' };

/** `files`: null where the console was not built. */
export function consoleRoutes(files: ConsoleFiles | null): readonly Operation[] {
  const unchanged = { 304: { description: 'The client has it (If-None-Match)', schema: null } };
  return [
    operation(
      {
        id: 'ops.console',
        method: 'GET',
        path: '/console',
        summary: 'The web console, for people',
        access: 'public',
        schemas: {},
        responses: {
          200: { description: 'The page', schema: Type.String({ examples: ['<!doctype html>'] }) },
          ...unchanged,
        },
        contentType: 'text/html',
      },
      (request) => {
        if (files !== null) return serve(files.page, request, pageHeaders);
        return new Problem('not_found', 'The console was not built here: make build makes it.');
      },
    ),
    operation(
      {
        id: 'ops.consoleAsset',
        method: 'GET',
        path: '/console/assets/:name',
        summary: 'A file of the console, by a name that has the hash of its content',
        access: 'public',
        schemas: { params: Type.Object({ name: Type.String({ examples: ['console-BqXk0d1z.js'] }) }) },
        responses: {
          200: { description: 'The file', schema: Type.String({ examples: ['export {}'] }) },
          ...unchanged,
        },
        contentType: 'text/javascript',
      },
      (request) => {
        const file = files?.assets.get(request.params.name);
        return file === undefined ? new Problem('not_found') : serve(file, request, assetHeaders);
      },
    ),
  ];
}

function serve(
  file: ConsoleFile,
  { ifNoneMatch, acceptEncoding }: RequestContext,
  headers: Readonly<Record<string, string>>,
): Reply {
  const { contentType, etag } = file;
  const tagged = { ...headers, ETag: etag, Vary: 'Accept-Encoding' };
  const known = ifNoneMatch?.split(',').map((tag) => tag.trim().replace(/^W\//, '')) ?? [];
  if (known.includes(etag) || known.includes('*')) return { status: 304, contentType, headers: tagged };
  const { text, encoding } = encoded(file, acceptEncoding ?? '');
  const coded = encoding === null ? tagged : { ...tagged, 'Content-Encoding': encoding };
  return { status: 200, text, contentType, headers: coded };
}

/** The smallest copy that the client takes. An encoding with a weight is taken unless the weight is 0. */
function encoded(
  { bytes, brotli, gzip }: ConsoleFile,
  acceptEncoding: string,
): { readonly text: Uint8Array; readonly encoding: 'br' | 'gzip' | null } {
  const taken = new Set(
    acceptEncoding
      .toLowerCase()
      .split(',')
      .map((one) => one.trim())
      .filter((one) => !/;\s*q=0(\.0*)?$/.test(one))
      .map((one) => one.replace(/;.*/, '').trim()),
  );
  if (brotli !== null && taken.has('br')) return { text: brotli, encoding: 'br' };
  if (gzip !== null && taken.has('gzip')) return { text: gzip, encoding: 'gzip' };
  return { text: bytes, encoding: null };
}
