/** What every route of an administrator does first and last: who asks about which tenant, and its words. */
import {
  type Operation,
  type OperationDeclaration,
  type OperationRequest,
  type OperationSchemas,
  operation,
  type Reply,
  type RequestOf,
} from '../../../contract/operation.ts';
import { traceOf } from '../../../contract/request-trace.ts';
import type { ConversationType } from '../../../domain/event.ts';
import { type ConversationId, canonicalUuid, type TenantId } from '../../../domain/ids.ts';
import { Problem } from '../../../domain/problem.ts';
import type {
  AdministratorRequest,
  ConversationAdministration,
  TenantOverview,
} from '../../../ports/conversations/conversation-administration.ts';
import type { SymbiaDeps } from '../caller.ts';
import { invalid } from '../fields.ts';
import { guard } from '../on-conversation.ts';
import { ErrorBody } from '../wire.ts';
import { inWords, noConversation, noParticipant } from '../wording.ts';

export interface AdministrationDeps extends Pick<SymbiaDeps, 'directory' | 'ids'> {
  readonly administration: ConversationAdministration;
  readonly overview: TenantOverview;
}

const forbidden = { description: 'Not an administrator, or of another tenant', schema: ErrorBody };
const notFound = { description: 'No such thing, or of another tenant', schema: ErrorBody };

/** Declares a route for administrators. X-As-User-Id means nothing here. */
export function administratorOperation<S extends OperationSchemas>(
  declaration: Omit<OperationDeclaration<S>, 'access' | 'rate'>,
  answer: (request: RequestOf<S>, asked: AdministratorRequest) => Promise<Reply | Problem>,
): Operation {
  const responses = { 403: forbidden, ...declaration.responses };
  return operation<S>(
    { ...declaration, responses, access: 'principal', rate: 'admin', takesForms: true },
    async (request) => {
      const asked = askedOf(request as unknown as AskedRequest);
      return asked instanceof Problem ? asked : await answer(request, asked);
    },
  );
}

/** The same below one conversation: an id that is no UUID is no conversation. */
export function onAnyConversation<S extends OperationSchemas>(
  declaration: Omit<OperationDeclaration<S>, 'access' | 'rate'>,
  answer: (
    request: RequestOf<S>,
    asked: AdministratorRequest,
    id: ConversationId,
  ) => Promise<Reply | Problem>,
): Operation {
  const responses = { 404: notFound, ...declaration.responses };
  return administratorOperation<S>({ ...declaration, responses, guard }, async (request, asked) => {
    // The guard has seen that it is one.
    const id = (request.params as { readonly id: string }).id.toLowerCase();
    const answered = await answer(request, asked, id);
    if (!(answered instanceof Problem)) return answered;
    const reasons = { participant_not_found: noParticipant };
    return inWords(answered, { hidden: noConversation, reasons });
  });
}

/** The generic type would be instantiated too deep. */
type AskedRequest = OperationRequest<unknown, { readonly orgId?: unknown }, unknown>;

/** A tenant may be named by `orgId` or by X-Org-Id; two different ones contradict each other. */
function askedOf(request: AskedRequest): AdministratorRequest | Problem {
  const { orgId } = request.query;
  const named = [orgId, request.orgId].flatMap((id) =>
    typeof id === 'string' && id !== '' ? [tenantIdOf(id)] : [],
  );
  if (new Set(named).size > 1) return invalid('orgId', 'orgId and X-Org-Id name different organizations');
  const { principal: by, env, dataClass, policyRef } = request;
  return { by, tenant: named[0] ?? null, env, dataClass, policyRef, trace: traceOf(request) };
}

const tenantIdOf = (id: string): TenantId => canonicalUuid(id) ?? id;

export function decodeType(value: unknown): ConversationType | null | Problem {
  if (value === undefined || value === '') return null;
  return value === 'private' || value === 'group' ? value : invalid('type', 'Invalid conversation type');
}
