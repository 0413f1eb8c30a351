/** A request that may be pasted into a shell. */
import type { Operation } from '../../operation.ts';
import { requestExample } from '../operation-examples.ts';
import { noSample, sampleOf } from '../sample.ts';

/** `$TOKEN` stands for an access token, `$NAME` for what a path needs and nobody can guess. */
export function curlOf(operation: Operation, baseUrl: string): string {
  const { method, path, access, schemas } = operation;
  const url = `${baseUrl}${path.replace(/:([^/]+)/g, (_, name: string) => placeholder(name))}${queryOf(operation)}`;
  const body = schemas.body === undefined ? undefined : requestExample(operation);
  const parts = [
    `curl ${method === 'GET' ? '' : `-X ${method} `}"${url}"`,
    ...(access === 'public' ? [] : ['-H "authorization: Bearer $TOKEN"']),
    ...(body === undefined ? [] : [`-H 'content-type: application/json'`, `-d ${quoted(body)}`]),
  ];
  return parts.join(' \\\n  ');
}

/** `:userId` -> `$USER_ID`. */
function placeholder(name: string): string {
  return `$${name.replace(/([a-z])([A-Z])/g, '$1_$2').toUpperCase()}`;
}

/** What the query cannot do without, and what its declaration shows. */
function queryOf({ schemas }: Operation): string {
  const required = new Set(schemas.query?.required ?? []);
  const shown = Object.entries(schemas.query?.properties ?? {}).filter(
    ([name, property]) => required.has(name) || property['examples'] !== undefined,
  );
  const pairs = shown.map(([name, property]) => {
    const sample = sampleOf(property);
    return `${name}=${sample === noSample ? placeholder(name) : encodeURIComponent(String(sample))}`;
  });
  return pairs.length === 0 ? '' : `?${pairs.join('&')}`;
}

/** In single quotes, as POSIX shells read them. */
function quoted(value: unknown): string {
  return `'${JSON.stringify(value).replaceAll("'", `'\\''`)}'`;
}
