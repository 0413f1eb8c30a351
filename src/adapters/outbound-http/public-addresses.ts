/**
 * Which addresses are public: what others name for us to reach must not lead to this machine, its network, or the
 * metadata of a cloud. Looked at where the connection is made, so that a name cannot be turned to the inside later.
 */
import { type LookupAddress, type LookupOptions, lookup } from 'node:dns';
import { BlockList, isIP } from 'node:net';

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

/** The host of a URL is written as an address, and not a public one. */
export function hasPrivateHost(url: string): boolean {
  const host = new URL(url).hostname.replace(/^\[|\]$/g, '');
  return isIP(host) !== 0 && !isPublicAddress(host);
}

export class PrivateAddress extends Error {
  constructor() {
    super('the name leads to an address that is not public');
  }
}

type Found = (error: Error | null, address: string | LookupAddress[], family?: number) => void;

/** dns.lookup() for public addresses: others are an error, as if the name did not exist. */
export function lookupPublic(host: string, options: LookupOptions, found: Found): void {
  lookup(host, { ...options, all: true }, (error, addresses) => {
    if (error !== null) return found(error, []);
    // One that is not public among others would be a way in.
    if (addresses.length === 0 || addresses.some(({ address }) => !isPublicAddress(address)))
      return found(new PrivateAddress(), []);
    const [first] = addresses;
    if (options.all === true || first === undefined) return found(null, addresses);
    found(null, first.address, first.family);
  });
}
