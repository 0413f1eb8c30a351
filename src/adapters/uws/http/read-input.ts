/** What a request carries, read and checked as its operation declares: path, query and body. */
import { decodeJson, type Json } from '../../../contract/checking/json-text.ts';
import { decodeForm, readQuery } from '../../../contract/checking/parameters.ts';
import { Problem } from '../../../domain/problem.ts';
import type { Body } from './http-body.ts';
import type { Exchange } from './http-exchange.ts';
import type { RequestHeaders } from './http-headers.ts';
import { pathPairs, pathTexts, type Route } from './http-router.ts';

type State = Exchange['state'];

const jsonType = /^application\/(?:[\w.+-]+\+)?json\s*(?:;\s*charset="?utf-8"?\s*)?$/i;
const formType = /^application\/x-www-form-urlencoded\s*(?:;\s*charset="?utf-8"?\s*)?$/i;

/**
 * Puts params, query and body into `state`, or answers why it does not. `segments` and `query` are as they came;
 * `body` null: there is none. Takes its facts one by one, because it runs for each request.
 */
export function readInput(
  state: State,
  route: Route,
  segments: readonly string[],
  query: string,
  headers: RequestHeaders,
  body: Body | null,
): Problem | null {
  const { contentType } = headers;
  if (route.readInput !== null) {
    const params = pathTexts(route, segments);
    const input = route.readInput({ params, query, contentType, body: body?.bytes ?? null });
    if (!(input instanceof Problem)) Object.assign(state, input);
    return input instanceof Problem ? input : null;
  }
  return readParameters(state, route, segments, query) ?? readBody(state, route, contentType, body);
}

function readParameters(
  state: State,
  route: Route,
  segments: readonly string[],
  text: string,
): Problem | null {
  const pairs = pathPairs(route, segments);
  if (pairs === null)
    return new Problem('invalid_request', 'The path is not valid text.', { reason: 'invalid_path' });
  const params = route.readParams(pairs);
  if (params instanceof Problem) return params;
  const queryPairs = readQuery(text);
  if (queryPairs instanceof Problem) return queryPairs;
  const query = route.readQuery(queryPairs);
  if (query instanceof Problem) return query;
  // The checks are those of the schemas that the types of `answer` come from.
  state.params = params as never;
  state.query = query as never;
  return null;
}

/** An operation without a check takes no body. What is sent all the same must be JSON, and is not looked at. */
function readBody(
  state: State,
  { body: check, operation }: Route,
  contentType: string,
  body: Body | null,
): Problem | null {
  const bytes = body?.bytes;
  const isEmpty = bytes === undefined || bytes.length === 0;
  if (isEmpty && check === null) return null;
  const value = isEmpty ? {} : decode(bytes, contentType, operation.takesForms === true);
  if (value instanceof Problem) return value;
  if (check === null) return null;
  if (!check.accepts(value)) return check.refusal(value);
  state.body = value as never;
  return null;
}

function decode(bytes: Uint8Array, contentType: string, takesForms: boolean): Json | Problem {
  if (isJson(contentType)) return decodeJson(bytes);
  return takesForms && formType.test(contentType) ? decodeForm(bytes) : new Problem('unsupported_media_type');
}

function isJson(contentType: string): boolean {
  return contentType === 'application/json' || jsonType.test(contentType);
}
