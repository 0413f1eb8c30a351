/**
 * Which addresses are public: what others name for us to reach must not lead to this machine, its network, or the
 * metadata of a cloud. Looked at where the connection is made, so that a name cannot be turned to the inside later.
 */
import { Resolver } from 'node:dns/promises';
import { BlockList, isIP, type LookupFunction } from 'node:net';
import { limits } from '../../domain/limits.ts';

/** Of IPv4 (RFC 6890), and what of the IPv6 below stands for IPv4 addresses or for nobody. */
const inside = listOf(
  '0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.0.0.0/24 192.0.2.0/24',
  '192.88.99.0/24 192.168.0.0/16 198.18.0.0/15 198.51.100.0/24 203.0.113.0/24 224.0.0.0/4 240.0.0.0/4',
  '2001::/23 2001:db8::/32 2002::/16 3fff::/20',
);
/** All of IPv6 that is handed out. */
const outside = listOf('2000::/3');

function listOf(...networks: readonly string[]): BlockList {
  const list = new BlockList();
  for (const network of networks.join(' ').split(' ')) {
    const [address = '', prefix] = network.split('/');
    list.addSubnet(address, Number(prefix), isIP(address) === 4 ? 'ipv4' : 'ipv6');
  }
  return list;
}

/** False also for what is no address. */
export function isPublicAddress(address: string): boolean {
  const version = isIP(address);
  if (version === 4) return !inside.check(address, 'ipv4');
  return version === 6 && outside.check(address, 'ipv6') && !inside.check(address, 'ipv6');
}

/** The host of a URL is written as an address, and not a public one, or means this machine wherever it is asked for. */
export function hasPrivateHost(url: string): boolean {
  const host = new URL(url).hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '');
  if (host === 'localhost' || host.endsWith('.localhost')) return true;
  return isIP(host) !== 0 && !isPublicAddress(host);
}

export class PrivateAddress extends Error {
  constructor() {
    super('the name leads to an address that is not public');
  }
}

export interface PublicLookup {
  /** As net.connect() takes it. An address that is not public is an error, as if the name did not exist. */
  readonly lookup: LookupFunction;
  close(): void;
}

/**
 * Asks name servers itself, without the hosts file: dns.lookup() has two threads of the process for all names, and a
 * few that somebody's name server does not answer would hold up everybody's.
 */
export function openPublicLookup(nameServers: readonly string[] = []): PublicLookup {
  const resolver = new Resolver({ timeout: limits.externalLookupMs, tries: limits.externalLookupsMax });
  if (nameServers.length > 0) resolver.setServers(nameServers);

  async function addressesOf(host: string): Promise<readonly Address[]> {
    const asked = [resolver.resolve6(host), resolver.resolve4(host)] as const;
    const [six, four] = await Promise.allSettled(asked);
    const found = [...addressed(six, 6), ...addressed(four, 4)];
    if (found.length === 0) throw four.status === 'rejected' ? four.reason : new Error('no address');
    // One that is not public among others would be a way in.
    if (found.some(({ address }) => !isPublicAddress(address))) throw new PrivateAddress();
    return found;
  }

  return {
    lookup(host, options, found) {
      addressesOf(host).then(
        (all) => {
          const [first] = all;
          if (options.all === true || first === undefined) return found(null, [...all]);
          found(null, first.address, first.family);
        },
        (error: NodeJS.ErrnoException) => found(error, []),
      );
    },
    close: () => resolver.cancel(),
  };
}

interface Address {
  readonly address: string;
  readonly family: 4 | 6;
}

/** IPv6 comes first: Node gives the last one all the time there is, and most machines have IPv4 alone. */
function addressed(answer: PromiseSettledResult<readonly string[]>, family: 4 | 6): readonly Address[] {
  return answer.status === 'rejected' ? [] : answer.value.map((address) => ({ address, family }));
}
