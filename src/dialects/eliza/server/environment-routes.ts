/**
 * Variables of a tenant (eliza.md §4, System): where the server of ElizaOS shows its own `.env` file, this is a store
 * of the tenant; nothing of it is, or reaches, the environment of the process.
 */
import { Type } from '@sinclair/typebox';
import { type Operation, operation, type RequestOf } from '../../../contract/operation.ts';
import { traceOf } from '../../../contract/request-trace.ts';
import { Problem } from '../../../domain/problem.ts';
import type { SettingValues } from '../../../ports/agents/tenant-settings.ts';
import { alsoAt } from '../also-at.ts';
import { callerOf } from '../caller.ts';
import type { ElizaDeps } from '../deps.ts';
import { CodedProblem } from '../refuse.ts';

const Values = Type.Record(Type.String(), Type.String(), {
  description: 'Name -> value; which names there are, the README of the dialect says',
  examples: [{ OPENAI_SMALL_MODEL: 'gpt-5-mini' }],
});
const Read = Type.Object({ success: Type.Literal(true), data: Values });
const Written = Type.Object({
  success: Type.Literal(true),
  message: Type.String({ examples: ['Local env updated'] }),
});
/** Looked at by hand, so that whatever is wrong with it has the code that clients know. */
const Body = Type.Record(Type.String(), Type.Unknown());

const tag = 'ElizaOS: server';

export function environmentRoutes({ settings }: Pick<ElizaDeps, 'settings'>): readonly Operation[] {
  const read = operation(
    {
      ...{ id: 'eliza.environment', method: 'GET', path: '/api/system/env/local', access: 'principal', tag },
      summary: 'Settings of the tenant, for who may change them',
      schemas: {},
      responses: { 200: { description: 'The settings', schema: Read } },
    },
    async (request: RequestOf<Record<never, never>>) => {
      const data = await settings.read(callerOf(request));
      return data instanceof Problem ? data : { status: 200, body: { success: true, data } };
    },
  );
  const schemas = { body: Body };
  const replace = operation(
    {
      ...{ id: 'eliza.replaceEnvironment', method: 'POST', path: '/api/system/env/local', tag, schemas },
      ...{ access: 'principal', summary: 'Put these settings in the place of all that were there' },
      responses: { 200: { description: 'They are kept', schema: Written } },
      example: { body: { content: { OPENAI_SMALL_MODEL: 'gpt-5-mini' } } },
    },
    async (request: RequestOf<{ body: typeof Body }>) => {
      const values = valuesOf(request.body);
      if (values === null) return strange('Missing or invalid "content" in request body');
      const refused = await settings.replace(callerOf(request), values, traceOf(request));
      if (refused?.code === 'invalid_request') return strange(refused.message, refused.fields);
      return refused ?? { status: 200, body: { success: true, message: 'Local env updated' } };
    },
  );
  return [
    ...alsoAt(read, '/api/env'),
    replace,
    { ...replace, id: 'eliza.putEnvironment', method: 'PUT', path: '/api/env' },
  ];
}

/** `{content}` as the official client sends it, or the names themselves; null: neither. An empty body clears nothing. */
function valuesOf(body: Readonly<Record<string, unknown>>): SettingValues | null {
  const isWrapped = Object.hasOwn(body, 'content');
  const values: unknown = isWrapped ? body['content'] : body;
  if (typeof values !== 'object' || values === null || Array.isArray(values)) return null;
  const entries = Object.entries(values);
  if (!isWrapped && entries.length === 0) return null;
  return entries.every(([, value]) => typeof value === 'string') ? (values as SettingValues) : null;
}

const strange = (message: string, details?: unknown): Problem =>
  new CodedProblem('invalid_request', 'INVALID_INPUT', message, details);
