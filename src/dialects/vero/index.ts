import type { HttpDialect } from '../../contract/operation.ts';
import type { Identity } from '../../ports/identity/identity-service.ts';
import { administrationRoutes } from './administration-routes.ts';
import { agentRoutes, apiKeyRoutes } from './agent-routes.ts';
import { withBodyRules } from './body-rules.ts';
import { refuse } from './refuse.ts';
import { signInRoutes } from './sign-in-routes.ts';
import { ErrorBody } from './wire.ts';

export interface VeroDeps {
  readonly identity: Pick<Identity, 'signIn' | 'own' | 'administration'>;
  /** Clients come by TLS (PARLEY_PUBLIC_URL): cookies are `Secure`. */
  readonly isSecure: boolean;
}

/** The Vero dialect in HTTP: so far its /auth part, whose tokens all dialects share. */
export function veroDialect({ identity, isSecure }: VeroDeps): HttpDialect {
  const { signIn, own, administration } = identity;
  return {
    name: 'vero',
    title: 'Vero',
    description:
      'Accounts, sessions, agents and API keys. The tokens of `/auth` count in every API, on sockets and on NATS. An error has a `code` to decide by and a `message` for people.',
    prefixes: ['/auth'],
    operations: [
      ...signInRoutes(signIn, own, isSecure),
      ...administrationRoutes(administration),
      ...agentRoutes(administration),
      ...apiKeyRoutes(administration),
    ].map(withBodyRules),
    refuse,
    refusal: ErrorBody,
    headers: { 'Cache-Control': 'no-store' },
  };
}
