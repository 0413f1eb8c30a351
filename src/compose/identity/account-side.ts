/** Where one signs in, as the configuration has it. */
import { openSignInRelay } from '../../adapters/identity-provider/sign-in-relay.ts';
import { openHttpRequests } from '../../adapters/outbound-http/http-requests.ts';
import type { Config } from '../../config/config.ts';
import type { SignInRelay } from '../../ports/identity/sign-in-relay.ts';
import type { Releases } from '../releases.ts';
import { reachableHost } from '../servers/reachable-host.ts';

export interface AccountSide {
  /** To the service that keeps the accounts; null: they are ours. */
  readonly relay: SignInRelay | null;
  /** What clients are told about it. */
  readonly places: { readonly identityServiceUrl: string; readonly base: string };
}

/** Opens no connection yet. */
export function openAccountSide(
  { identityUrl, publicUrl, host, port }: Config,
  releases: Releases,
): AccountSide {
  const own = publicUrl ?? `http://${reachableHost(host)}:${port}`;
  const identityServiceUrl = identityUrl === null ? own : readable(identityUrl);
  const relay = identityUrl === null ? null : openRelay(identityUrl, releases);
  return { relay, places: { identityServiceUrl, base: publicUrl ?? '' } };
}

function openRelay(url: string, releases: Releases): SignInRelay {
  const http = openHttpRequests();
  releases.add('logins at the identity service', () => http.close());
  return openSignInRelay({ url, http });
}

/** Without the user and password that may be in it: anybody may ask for it. */
function readable(url: string): string {
  const { protocol, host, pathname } = new URL(url);
  return `${protocol}//${host}${pathname}`.replace(/\/+$/, '');
}
