/** The headers of common.md on a NATS request: the same names and the same rules as in HTTP. */

import type { CommandContext } from '../../domain/command.ts';
import type { DataClass } from '../../domain/event.ts';
import { isSpellingOf, type ServiceId } from '../../domain/ids.ts';
import { limits } from '../../domain/limits.ts';
import type { Principal } from '../../domain/principal.ts';
import { Problem } from '../../domain/problem.ts';
import { isTraceparent } from '../../domain/trace-context.ts';

const envs: readonly string[] = ['dev', 'stage', 'prod'];
const dataClasses: readonly string[] = ['none', 'pii', 'phi', 'secret'] satisfies DataClass[];
const unreadable = /[\p{Cc}\uFFFD\p{Surrogate}]/u;

/** X-Org-Id names the tenant that the subject names; like a socket, a subject has one, for super admins too. */
export function refuseOtherTenant({ tenant }: Principal, named: string): Problem | null {
  if (named === '' || isSpellingOf(named, tenant)) return null;
  return new Problem('forbidden', 'X-Org-Id names another organization.', { reason: 'other_tenant' });
}

/** X-Service-Id, for what is created; null when absent. */
export function readServiceHeader(named: string): ServiceId | null | Problem {
  if (named.length > limits.principalIdCharsMax) return refuse('X-Service-Id', 'too_long');
  if (unreadable.test(named)) return refuse('X-Service-Id', 'format');
  return named === '' ? null : named;
}

/** `header` answers '' for what is absent; the first header that is wrong is the refusal. */
export function readRequestContext(header: (name: string) => string): Partial<CommandContext> | Problem {
  const env = header('X-Env') || header('X-Environment');
  const [dataClass, policyRef] = [header('X-Data-Class'), header('X-Policy-Ref')];
  if (env !== '' && !envs.includes(env)) return refuse('X-Env', 'not_allowed');
  if (dataClass !== '' && !dataClasses.includes(dataClass)) return refuse('X-Data-Class', 'not_allowed');
  if (policyRef.length > limits.policyRefCharsMax) return refuse('X-Policy-Ref', 'too_long');
  if (unreadable.test(policyRef)) return refuse('X-Policy-Ref', 'format');
  const trace = header('traceparent');
  return {
    ...(env === '' ? {} : { env }),
    ...(dataClass === '' ? {} : { dataClass: dataClass as DataClass }),
    ...(policyRef === '' ? {} : { policyRef }),
    ...(isTraceparent(trace) ? { trace } : {}),
  };
}

function refuse(path: string, reason: string): Problem {
  return new Problem('invalid_request', `The header ${path} is not valid.`, { fields: [{ path, reason }] });
}
