/** Files of TLS connections to our servers, put into the addresses that all parts of a node are given. */

interface NatsFiles {
  readonly ca: string | null;
  readonly cert: string | null;
  readonly key: string | null;
}

/** `tls://host:4222?ca=…&cert=…&key=…`; other addresses stay as they are. */
export function natsUrlWith(url: string, files: NatsFiles): string {
  return url
    .split(',')
    .map((one) => (one.startsWith('tls://') ? withParameters(one, { ...files }) : one))
    .join(',');
}

/** PARLEY_DATABASE_CA as `sslrootcert`, unless the address names one. */
export function databaseUrlWith(url: string, ca: string | null): string {
  return new URL(url).searchParams.has('sslrootcert') ? url : withParameters(url, { sslrootcert: ca });
}

function withParameters(url: string, parameters: Readonly<Record<string, string | null>>): string {
  const given = Object.entries(parameters).filter((entry): entry is [string, string] => entry[1] !== null);
  if (given.length === 0) return url;
  const query = given.map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join('&');
  return `${url}${url.includes('?') ? '&' : '?'}${query}`;
}
