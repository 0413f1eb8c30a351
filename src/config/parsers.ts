/** Texts of the environment as values. A parser answers the value or why the text is none, in words. */

import { isIP } from 'node:net';

/** What is wrong with a text: `must be …`. */
export class Misfit {
  readonly words: string;

  constructor(words: string) {
    this.words = words;
  }
}

export type Parser<T> = (text: string) => T | Misfit;

/** A whole number from `min` to `max`. */
export function wholeNumber(min: number, max: number): Parser<number> {
  return (text) => {
    const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
    return value >= min && value <= max ? value : new Misfit(`must be a whole number from ${min} to ${max}`);
  };
}

/** Any text; `charsMin` keeps out what cannot be meant. */
export function text(charsMin = 1): Parser<string> {
  return (given) =>
    given.length >= charsMin ? given : new Misfit(`must have ${charsMin} characters at least`);
}

export function oneOf<const T extends string>(...allowed: readonly T[]): Parser<T> {
  return (given) =>
    allowed.find((value) => value === given) ?? new Misfit(`must be one of ${allowed.join(', ')}`);
}

/** `on` or `off`. */
export const onOff: Parser<boolean> = (given) =>
  given === 'on' ? true : given === 'off' ? false : new Misfit('must be on or off');

/** `always`, or an interval as nats-server writes it: `500ms`, `30s`, `2m`, `1h`. */
export const syncInterval: Parser<string> = (given) =>
  /^(always|[1-9]\d{0,8}(ms|s|m|h))$/.test(given) ? given : new Misfit('must be always, or like 30s or 2m');

/** An absolute URL of one of these schemes, without a slash at its end. */
export function url(...schemes: readonly string[]): Parser<string> {
  return (given) => {
    const scheme = URL.canParse(given) ? new URL(given).protocol.slice(0, -1) : '';
    if (!schemes.includes(scheme))
      return new Misfit(`must be a URL that begins with ${schemes.join(':// or ')}://`);
    return given.replace(/\/+$/, '');
  };
}

/** NATS takes several addresses, separated by commas; without a scheme they are `nats://`. */
export const natsUrls: Parser<string> = (given) => {
  const addresses = given.split(',').map((address) => address.trim());
  const isAddress = (address: string): boolean =>
    URL.canParse(address.includes('://') ? address : `nats://${address}`) &&
    /^((nats|tls|ws|wss):\/\/)?[^/\s]+$/.test(address);
  return addresses.every(isAddress)
    ? addresses.join(',')
    : new Misfit('must be nats://host:port, or several with commas');
};

/** Origins of pages, separated by commas: `https://app.example`, or `*` for all. */
export const origins: Parser<readonly string[]> = (given) => {
  const list = given
    .split(',')
    .map((origin) => origin.trim().replace(/\/$/, ''))
    .filter((origin) => origin !== '');
  const isOrigin = (origin: string): boolean =>
    origin === '*' || (URL.canParse(origin) && new URL(origin).origin === origin.toLowerCase());
  return list.every(isOrigin)
    ? list
    : new Misfit('must be * or origins like https://app.example, separated by commas');
};

/** IP addresses and CIDRs, separated by commas. */
export const addressRanges: Parser<readonly string[]> = (given) => {
  const list = given
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '');
  const isRange = (entry: string): boolean => {
    const [address = '', length, ...more] = entry.split('/');
    const bits = { 4: 32, 6: 128 }[isIP(address)] ?? -1;
    const isLength = length === undefined || (/^\d{1,3}$/.test(length) && Number(length) <= bits);
    return bits > 0 && isLength && more.length === 0;
  };
  return list.every(isRange)
    ? list
    : new Misfit('must be addresses or CIDRs like 10.0.0.0/8, separated by commas');
};

export const emailAddress: Parser<string> = (given) =>
  /^[^\s@]+@[^\s@]+$/.test(given) ? given : new Misfit('must be an e-mail address');

/** 32 bytes in base64 or hex. */
export const key256: Parser<string> = (given) => {
  const bytes = /^[0-9a-f]{64}$/i.test(given) ? 32 : Buffer.from(given, 'base64').length;
  return bytes === 32 ? given : new Misfit('must be 32 bytes in base64 or hex (openssl rand -base64 32)');
};
