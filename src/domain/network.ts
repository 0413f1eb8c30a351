/**
 * The network that an address is counted as: an IPv4 address by itself, an IPv6 address by its /64, because one
 * subscriber has 2^64 of them. Takes IPv6 in eight groups, as the front end writes it.
 */
export function networkOf(address: string): string {
  if (!address.includes(':')) return address;
  return address.split(':').slice(0, 4).join(':');
}
