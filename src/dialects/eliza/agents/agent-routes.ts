/** Agents: listed, made, read, changed, deleted (eliza.md §2). */
import { Type } from '@sinclair/typebox';
import { type Operation, operation, type RequestOf } from '../../../contract/operation.ts';
import { traceOf } from '../../../contract/request-trace.ts';
import { Problem } from '../../../domain/problem.ts';
import type { CharacterFields } from '../../../ports/agents/agents.ts';
import { callerOf } from '../caller.ts';
import type { ElizaDeps } from '../deps.ts';
import { isRecord } from '../fields.ts';
import { CodedProblem } from '../refuse.ts';
import { elizaBodyBytesMax } from '../wire.ts';
import { agentOf, inWords } from './agent-of.ts';
import { ByAgent, errors, exampleAgent, succeeded, successOf, text } from './declared.ts';
import { AgentItem, AgentRow, characterIn, encodeAgent, encodeItem } from './encode-agent.ts';

type Deps = Pick<ElizaDeps, 'agents'>;

const Character = Type.Record(Type.String(), Type.Unknown(), {
  description: 'As a character file has it; `name` is needed',
  examples: [{ name: 'Two', bio: ['Knows every ship.'] }],
});
/** Any object: a character that came without a wrapping is one, too. */
const Body = Type.Record(Type.String(), Type.Unknown());
const exampleBody = { characterJson: { name: 'Two', bio: ['Knows every ship.'] } };
const Made = Type.Object({ id: text(exampleAgent), character: Character });

export function agentRoutes(deps: Deps): readonly Operation[] {
  return [listRoute(deps), createRoute(deps), getRoute(deps), changeRoute(deps), deleteRoute(deps)];
}

function listRoute({ agents }: Deps): Operation {
  const data = Type.Object({ agents: Type.Array(AgentItem) });
  return operation(
    {
      ...{ id: 'eliza.listAgents', method: 'GET', path: '/api/agents', access: 'principal', schemas: {} },
      summary: 'The agents of the tenant: those that run first, then by name',
      responses: { 200: { description: 'The agents', schema: successOf(data) }, ...errors(503) },
    },
    async (request: RequestOf<Record<never, never>>) => {
      const found = await agents.list(callerOf(request));
      return found instanceof Problem ? found : succeeded({ agents: found.map(encodeItem) });
    },
  );
}

function createRoute({ agents }: Deps): Operation {
  const schemas = { body: Body };
  return operation(
    {
      ...{ id: 'eliza.createAgent', method: 'POST', path: '/api/agents', access: 'principal', schemas },
      summary: 'Make an agent of a character; it is not started. One that is there is answered as it is',
      responses: {
        201: { description: 'The agent', schema: successOf(Made) },
        ...errors(400, 403, 413, 503),
      },
      ...{ bodyBytesMax: elizaBodyBytesMax, example: { body: exampleBody } },
    },
    async (request: RequestOf<typeof schemas>) => {
      const given = givenCharacter(request.body);
      if (given instanceof Problem) return given;
      const { id: _, ...character } = given;
      const id = typeof given['id'] === 'string' && given['id'] !== '' ? given['id'] : null;
      const made = await agents.create(callerOf(request), { id, character }, traceOf(request));
      if (made instanceof Problem) return isOfContent(made) ? refused('CREATE_ERROR', made) : made;
      return succeeded({ id: made.id, character: { ...made.character, id: made.id } }, 201);
    },
  );
}

function getRoute(deps: Deps): Operation {
  const schemas = { params: ByAgent };
  return operation(
    {
      ...{ id: 'eliza.getAgent', method: 'GET', path: '/api/agents/:agentId', access: 'principal', schemas },
      summary: 'An agent with its character',
      responses: { 200: { description: 'The agent', schema: successOf(AgentRow) }, ...errors(400, 404, 503) },
    },
    async (request: RequestOf<typeof schemas>) => {
      const found = await agentOf(deps, callerOf(request), request.params.agentId);
      return found instanceof Problem ? found : succeeded(encodeAgent(found));
    },
  );
}

function changeRoute({ agents }: Deps): Operation {
  const schemas = { params: ByAgent, body: Body };
  return operation(
    {
      ...{ id: 'eliza.changeAgent', method: 'PATCH', path: '/api/agents/:agentId', schemas },
      ...{ access: 'principal', bodyBytesMax: elizaBodyBytesMax },
      summary: 'Change fields of a character, settings one by one; null removes one',
      responses: {
        200: { description: 'The agent as it is now', schema: successOf(AgentRow) },
        ...errors(400, 403, 404, 413, 503),
      },
      example: { body: { bio: ['Knows every ship, and its captain.'] } },
    },
    async (request: RequestOf<typeof schemas>) => {
      const { agentId } = request.params;
      const changes = characterIn(request.body);
      const changed = await agents.change(callerOf(request), agentId, changes, traceOf(request));
      if (changed instanceof Problem && isOfContent(changed)) return refused('UPDATE_ERROR', changed);
      const found = inWords(changed, agentId);
      return found instanceof Problem ? found : succeeded(encodeAgent(found));
    },
  );
}

function deleteRoute({ agents }: Deps): Operation {
  const schemas = { params: ByAgent };
  return operation(
    {
      ...{ id: 'eliza.deleteAgent', method: 'DELETE', path: '/api/agents/:agentId', schemas },
      ...{ access: 'principal', summary: 'Delete an agent; a tenant keeps at least one' },
      responses: { 204: { description: 'It is gone', schema: null }, ...errors(400, 403, 404, 409, 503) },
    },
    async (request: RequestOf<typeof schemas>) => {
      const { agentId } = request.params;
      const problem = await agents.remove(callerOf(request), agentId, traceOf(request));
      if (problem?.code === 'conflict') return refused('DELETE_ERROR', problem, 'conflict');
      return inWords(problem, agentId) ?? { status: 204 };
    },
  );
}

/** In the order of the real server; files of this machine are nobody's characters. */
function givenCharacter(body: CharacterFields): CharacterFields | Problem {
  const { characterJson, characterPath, agent } = body;
  const wrapped = characterJson ?? (characterPath === undefined ? agent : undefined);
  if (isRecord(wrapped)) return wrapped;
  const isBare = wrapped === undefined && characterPath === undefined && body['name'] !== undefined;
  if (isBare) return body;
  const message =
    characterPath === undefined
      ? 'No character configuration provided'
      : 'Characters are not read from files of the server: send characterJson.';
  return new CodedProblem('invalid_request', 'CREATE_ERROR', message);
}

/** What the client sent is the reason, and not who sent it. */
function isOfContent({ code }: Problem): boolean {
  return code === 'invalid_request' || code === 'conflict';
}

function refused(wireCode: string, { message, fields }: Problem, code: Problem['code'] = 'invalid_request') {
  return new CodedProblem(code, wireCode, message, fields);
}
