/** Whom the caller does not want to see (vero.md §6). Nobody else can tell. */
import { Type } from '@sinclair/typebox';
import { fieldProblem } from '../../../../contract/checking/field-errors.ts';
import { type Operation, operation } from '../../../../contract/operation.ts';
import { canonicalUuid } from '../../../../domain/ids.ts';
import { limits } from '../../../../domain/limits.ts';
import { Problem } from '../../../../domain/problem.ts';
import { formatMicros } from '../../../../domain/time.ts';
import type { Block } from '../../../../ports/conversations/personal.ts';
import { errors } from '../../errors.ts';
import { OkBody } from '../../wire.ts';
import type { ChatDeps } from '../chat-deps.ts';
import { BlockBody, BlocksBody } from './wire.ts';

type Deps = Pick<ChatDeps, 'personal' | 'directory'>;

const ById = Type.Object({ id: Type.String() });
const path = '/v1/chat/users/:id/block';

export function blockRoutes(deps: Deps): readonly Operation[] {
  return [block(deps), unblock(deps), listBlocks(deps)];
}

const encodeBlock = ({ blocked, at }: Block) => ({ user_id: blocked, created_at: formatMicros(at) });

/** As principals are stored; null: nobody has such an id. */
function idOf(given: string): string | null {
  if (given === '' || given.length > limits.principalIdCharsMax || given.includes('\u0000')) return null;
  return canonicalUuid(given) ?? given;
}

function block({ personal, directory }: Deps): Operation {
  return operation(
    {
      id: 'vero.block',
      method: 'POST',
      path,
      summary: 'Hides a person or an agent from what the caller sees; again: nothing changes',
      access: 'principal',
      schemas: { params: ById },
      responses: {
        200: { description: 'Blocked', schema: BlockBody },
        ...errors(400, 401, 404, 409, 503),
      },
    },
    async ({ principal, params }) => {
      const id = idOf(params.id);
      if (id === null) return new Problem('not_found');
      if (id === principal.id) return fieldProblem([{ path: 'id', reason: 'self' }]);
      const known = await directory.principalsOf(principal.tenant, [id]);
      if (known instanceof Problem) return known;
      if (!known.has(id)) return new Problem('not_found');
      const made = await personal.block(principal, id);
      return made instanceof Problem ? made : { status: 200, body: encodeBlock(made) };
    },
  );
}

function unblock({ personal, directory }: Deps): Operation {
  return operation(
    {
      id: 'vero.unblock',
      method: 'DELETE',
      path,
      summary: 'Shows a person or an agent again; also where it was not blocked',
      access: 'principal',
      schemas: { params: ById },
      responses: { 200: { description: 'Not blocked', schema: OkBody }, ...errors(401, 404, 503) },
    },
    async ({ principal, params }) => {
      const id = idOf(params.id);
      if (id === null) return new Problem('not_found');
      const blocked = await personal.blockedBy(principal.tenant, principal.id);
      if (blocked instanceof Problem) return blocked;
      if (!blocked.has(id)) {
        const known = await directory.principalsOf(principal.tenant, [id]);
        if (known instanceof Problem) return known;
        if (!known.has(id)) return new Problem('not_found');
      }
      // Also where this node knows of no block: another may have made it just now.
      return (await personal.unblock(principal, id)) ?? { status: 200, body: { ok: true as const } };
    },
  );
}

function listBlocks({ personal }: Deps): Operation {
  return operation(
    {
      id: 'vero.listBlocks',
      method: 'GET',
      path: '/v1/chat/blocks',
      summary: 'Whom the caller blocks, first blocked first',
      access: 'principal',
      schemas: {},
      responses: { 200: { description: 'All of them', schema: BlocksBody }, ...errors(401, 503) },
    },
    async ({ principal }) => {
      const blocks = await personal.blocks(principal);
      return blocks instanceof Problem ? blocks : { status: 200, body: { blocked: blocks.map(encodeBlock) } };
    },
  );
}
