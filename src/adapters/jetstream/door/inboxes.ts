/**
 * Inboxes of principals on NATS. The plain one, `_INBOX_<id>`, is what a client is told to use; ids are only
 * unique in a tenant, so it belongs to the principal that had the id first, and everybody has
 * `_INBOX_<tenant>_<id>` beside it. No plain one is spelled like one with a tenant, whatever ids are chosen.
 */
import { isUuid, type PrincipalId, type TenantId } from '../../../domain/ids.ts';
import { token } from '../subjects.ts';

/** How an inbox with a tenant begins: with a UUID, or with the bytes of a foreign tenant's id in hex. */
const withTenant = /^([0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|t-[0-9a-f]+)_/i;

/** First tokens of the inboxes that a principal owns; `ownsId`: it has its id before all others. */
export function inboxesOf(tenant: TenantId, id: PrincipalId, ownsId: boolean): readonly string[] {
  const own = `_INBOX_${tenantPart(tenant)}_${token(id)}`;
  if (!ownsId || withTenant.test(token(id))) return [own];
  // An id like `assistant:x` is written as it is by who never heard of tokens; no token is spelled like it.
  const asItIs = id !== token(id) && printable.test(id) ? [`_INBOX_${id}`] : [];
  return [`_INBOX_${token(id)}`, ...asItIs, own];
}

/** What NATS takes inside of one token of a subject, and no token of ours is made of alone. */
const printable = /^(?=.*[^A-Za-z0-9_-])[\x21-\x29\x2b-\x2d\x2f-\x3d\x3f-\x7e]+$/;

/** Tenants of an external identity provider have ids of any form: in hex they hold no `_` that could be the separator. */
function tenantPart(tenant: TenantId): string {
  return isUuid(tenant) ? tenant : `t-${Buffer.from(tenant, 'utf8').toString('hex')}`;
}

/** True when a reply subject lies in one of these inboxes, is a plain subject, and can be published to. */
export function isReplyIn(inboxes: readonly string[], reply: string | undefined): reply is string {
  if (reply === undefined || !/^[^\s*>]+$/.test(reply) || /\.\.|\.$/.test(reply)) return false;
  return inboxes.some((inbox) => reply.startsWith(`${inbox}.`));
}
