/** The Symbia Messaging API over HTTP. README.md says what is imitated and where it differs. */
import type { HttpDialect } from '../../contract/operation.ts';
import type { Clock } from '../../ports/clock.ts';
import { type AccountDeps, accountRoutes } from './account/account-routes.ts';
import { relayedSignInRoutes } from './account/relayed-sign-in-routes.ts';
import { signInRoutes } from './account/sign-in-routes.ts';
import type { SymbiaDeps } from './caller.ts';
import { conversationRoutes } from './conversation-routes.ts';
import { messageChangeRoutes } from './message-change-routes.ts';
import { messageRoutes } from './message-routes.ts';
import { participantRoutes } from './participant-routes.ts';
import { ReadMarks } from './read-marks.ts';
import { bootstrapRoutes } from './service/bootstrap-routes.ts';
import { type HealthDeps, healthRoutes } from './service/health-routes.ts';
import { ErrorBody } from './wire.ts';
import { refuse } from './wording.ts';

export interface SymbiaDialectDeps extends Omit<SymbiaDeps, 'marks'> {
  readonly clock: Pick<Clock, 'nowMicros'>;
  readonly readiness: HealthDeps['readiness'];
  readonly alsoHealth: HealthDeps['also'];
  readonly account: AccountDeps;
}

export function symbiaDialect({
  clock,
  readiness,
  alsoHealth,
  account,
  ...given
}: SymbiaDialectDeps): HttpDialect {
  const deps: SymbiaDeps = { ...given, marks: new ReadMarks(given.bus, clock) };
  return {
    name: 'symbia',
    title: 'Symbia Messaging API',
    description:
      'Conversations, participants, messages and control events as in the Symbia Messaging API: requests in camelCase, answers as bare rows in snake_case in which every key is always there. `sequence` is a number.',
    prefixes: [
      ...['/api/conversations', '/api/auth', '/api/bootstrap', '/api/health', '/health', '/symbia-namespace'],
    ],
    operations: [
      ...healthRoutes({ clock, readiness, also: alsoHealth }),
      ...bootstrapRoutes(),
      ...accountRoutes(account),
      ...(account.relay === null
        ? signInRoutes(account)
        : relayedSignInRoutes(account.relay, account.forget)),
      ...conversationRoutes(deps),
      ...participantRoutes(deps),
      ...messageRoutes(deps),
      ...messageChangeRoutes(deps),
    ],
    refuse,
    refusal: ErrorBody,
    headers: { 'cache-control': 'no-cache, no-store, must-revalidate' },
    requestIdHeader: 'x-trace-id',
  };
}
