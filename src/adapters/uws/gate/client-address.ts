/**
 * Who is at the other end? The address of the connection; or, when that belongs to a proxy that we trust
 * (PARLEY_TRUSTED_PROXIES), the right-most address of `X-Forwarded-For` that does not: everything left of it is
 * what that client itself wrote.
 */
import { BlockList, isIP } from 'node:net';
import { limits } from '../../../domain/limits.ts';

export interface TrustedProxies {
  /** Nobody is trusted: forwarded headers need not be looked at. */
  readonly isEmpty: boolean;
  readonly has: (address: string) => boolean;
}

/** What proxies say of a request; '' where they say nothing. */
export interface ForwardedHeaders {
  readonly forwardedFor: string;
  readonly forwardedProto: string;
  readonly forwardedHost: string;
  readonly host: string;
}

/** A request as its client made it. */
export interface ClientSide {
  readonly address: string;
  readonly isSecure: boolean;
  /** `Host` as the client sent it, in lower case. */
  readonly host: string;
}

/** From addresses and CIDRs; throws a sentence for what is neither. */
export function compileTrustedProxies(entries: readonly string[]): TrustedProxies {
  const list = new BlockList();
  for (const entry of entries) {
    const [address = '', prefix] = entry.split('/');
    const version = isIP(address);
    const bits = version === 4 ? 32 : 128;
    const length = prefix === undefined ? bits : /^\d{1,3}$/.test(prefix) ? Number(prefix) : -1;
    if (version === 0 || length < 0 || length > bits) throw new Error(`${entry} is no address and no CIDR`);
    list.addSubnet(address, length, version === 4 ? 'ipv4' : 'ipv6');
  }
  return {
    isEmpty: entries.length === 0,
    has: (address) => {
      const version = isIP(address);
      return version !== 0 && list.check(address, version === 4 ? 'ipv4' : 'ipv6');
    },
  };
}

/** `peer`: address of the connection; `isTls`: it came by TLS to us. */
export function clientSide(
  proxies: TrustedProxies,
  peer: string,
  isTls: boolean,
  headers: ForwardedHeaders,
): ClientSide {
  const host = headers.host.toLowerCase();
  if (proxies.isEmpty || !proxies.has(peer)) return { address: peer, isSecure: isTls, host };
  // Proxies append: the last entry is what the proxy next to us saw.
  const proto = last(headers.forwardedProto).toLowerCase();
  const forwardedHost = last(headers.forwardedHost).toLowerCase();
  return {
    address: clientOf(proxies, peer, headers.forwardedFor),
    isSecure: proto === '' ? isTls : proto === 'https' || proto === 'wss',
    host: forwardedHost === '' ? host : forwardedHost,
  };
}

function clientOf(proxies: TrustedProxies, peer: string, forwardedFor: string): string {
  const entries = forwardedFor.split(',').slice(-limits.forwardedEntriesMax);
  let client = peer;
  for (const entry of entries.reverse()) {
    const address = plainAddress(entry.trim());
    // What is no address was not written by a proxy of ours: the last one that is known counts.
    if (address === null) return client;
    client = address;
    if (!proxies.has(address)) return client;
  }
  return client;
}

const last = (list: string): string => list.slice(list.lastIndexOf(',') + 1).trim();

/** `203.0.113.9`, `203.0.113.9:4711`, `2001:db8::1` or `[2001:db8::1]:4711` as a bare address; null: none of them. */
function plainAddress(text: string): string | null {
  const bracketed = /^\[([^\]]+)\](?::\d{1,5})?$/.exec(text)?.[1];
  const bare =
    bracketed ?? (/^\d+\.\d+\.\d+\.\d+:\d{1,5}$/.test(text) ? text.slice(0, text.indexOf(':')) : text);
  const version = isIP(bare);
  return version === 0 ? null : version === 4 ? bare : wholeAddress(bare);
}

/**
 * An IPv6 address in eight groups of four digits, as uWebSockets.js writes it; an IPv4 address that is mapped
 * into IPv6 as the IPv4 address that it is.
 */
export function wholeAddress(address: string): string {
  if (!address.includes(':')) return address;
  const [head = '', tail] = withoutDots(address.replace(/%.*$/, '').toLowerCase()).split('::');
  const left = head === '' ? [] : head.split(':');
  const right = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = new Array<string>(Math.max(8 - left.length - right.length, 0)).fill('0');
  const groups = [...left, ...zeros, ...right].map((group) => group.padStart(4, '0'));
  const whole = groups.join(':');
  return whole.startsWith(mapped) ? dotted(groups[6] ?? '', groups[7] ?? '') : whole;
}

const mapped = '0000:0000:0000:0000:0000:ffff:';

/** `::ffff:1.2.3.4` -> `::ffff:0102:0304`. */
function withoutDots(address: string): string {
  const quad = /(\d+)\.(\d+)\.(\d+)\.(\d+)$/.exec(address);
  if (quad === null) return address;
  const [a = '0', b = '0', c = '0', d = '0'] = quad
    .slice(1)
    .map((part) => Number(part).toString(16).padStart(2, '0'));
  return `${address.slice(0, quad.index)}${a}${b}:${c}${d}`;
}

function dotted(high: string, low: string): string {
  return [high.slice(0, 2), high.slice(2), low.slice(0, 2), low.slice(2)]
    .map((hex) => Number.parseInt(hex, 16))
    .join('.');
}
