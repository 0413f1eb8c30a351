/**
 * Where the database is, and how it is reached: the TLS part of DATABASE_URL, one meaning for both drivers, which
 * read it differently. The parameters are libpq's.
 */
import { readFileSync } from 'node:fs';
import { type ConnectionOptions, checkServerIdentity } from 'node:tls';

export interface DatabaseAddress {
  /** Without the parameters about TLS. */
  readonly url: string;
  /** Options of the TLS connection; false: none. */
  readonly ssl: ConnectionOptions | false;
}

const fileParameters = { sslrootcert: 'ca', sslcert: 'cert', sslkey: 'key' } as const;
const modes = ['disable', 'require', 'verify-ca', 'verify-full'] as const;
type Mode = (typeof modes)[number];

/**
 * `sslmode`: `disable` (also when absent), `require` (encrypted, whoever answers), `verify-ca` (a certificate of our
 * CA), `verify-full` (that, and of this host; also when only `sslrootcert` is given). `prefer` and `allow` are refused:
 * anybody in between could switch the encryption off. Throws a sentence for those and for files that cannot be read.
 */
export function databaseAddress(given: string): DatabaseAddress {
  const url = new URL(given);
  const mode = modeOf(url);
  const files = Object.entries(fileParameters).flatMap(([parameter, option]) => {
    const path = url.searchParams.get(parameter);
    url.searchParams.delete(parameter);
    return path === null ? [] : [[option, readFile(parameter, path)] as const];
  });
  url.searchParams.delete('sslmode');
  if (mode === 'disable') return { url: url.href, ssl: false };
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const checks = {
    require: { rejectUnauthorized: false },
    'verify-ca': { rejectUnauthorized: true, checkServerIdentity: () => undefined },
    // By name here, because one of the drivers does not tell TLS the host when that is an address.
    'verify-full': {
      rejectUnauthorized: true,
      checkServerIdentity: (_: string, certificate: Parameters<typeof checkServerIdentity>[1]) =>
        checkServerIdentity(host, certificate),
    },
  };
  return { url: url.href, ssl: { ...Object.fromEntries(files), ...checks[mode] } };
}

function modeOf({ searchParams }: URL): Mode {
  const given = searchParams.get('sslmode');
  if (given === null) return searchParams.has('sslrootcert') ? 'verify-full' : 'disable';
  const mode = modes.find((one) => one === given);
  if (mode === undefined)
    throw new Error(`sslmode of DATABASE_URL must be one of ${modes.join(', ')}, not ${given}`);
  // A root certificate that nobody asks for would be a false comfort: libpq verifies then, too.
  return mode === 'require' && searchParams.has('sslrootcert') ? 'verify-ca' : mode;
}

function readFile(parameter: string, path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new Error(`${parameter} of DATABASE_URL cannot be read: ${(error as Error).message}`);
  }
}
