/** Where one signs in, as the configuration has it. */
import type { Config } from '../config/config.ts';
import { reachableHost } from './reachable-host.ts';

export interface AccountSide {
  /** What clients are told about it. */
  readonly places: { readonly identityServiceUrl: string; readonly base: string };
}

export function accountSide({ identityUrl, publicUrl, host, port }: Config): AccountSide {
  const own = publicUrl ?? `http://${reachableHost(host)}:${port}`;
  const identityServiceUrl = identityUrl === null ? own : readable(identityUrl);
  return { places: { identityServiceUrl, base: publicUrl ?? '' } };
}

/** Without the user and password that may be in it: anybody may ask for it. */
function readable(url: string): string {
  const { protocol, host, pathname } = new URL(url);
  return `${protocol}//${host}${pathname}`.replace(/\/+$/, '');
}
