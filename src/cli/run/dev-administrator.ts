/** Who administers a `parley dev`: the environment's choice, else one that is made at the first boot and kept. */
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { Failure } from '../failure.ts';
import { readPrivateFile, writePrivateFile } from '../private-file.ts';

export interface Administrator {
  readonly email: string;
  readonly password: string;
  /** Holds the body of a login, so that `curl -d @path` logs in without the password on a command line. */
  readonly path: string;
  /** True when it was made by this call: only then is the password printed. */
  readonly isNew: boolean;
}

const madeEmail = 'admin@parley.local';
/** 144 bits in 24 characters that survive a shell, a URL and a double click. */
const passwordBytes = 18;

/** `email` and `password` as configured, else as kept in `<dataDir>/administrator.json`, else new ones. */
export async function devAdministrator(
  dataDir: string,
  configured: { readonly email: string | null; readonly password: string | null },
): Promise<Administrator> {
  const path = join(dataDir, 'administrator.json');
  const kept = await readPrivateFile(path);
  const { email, password } = configured;
  if ((email === null) !== (password === null)) {
    throw new Failure('set both PARLEY_ADMIN_EMAIL and PARLEY_ADMIN_PASSWORD, or none of them');
  }
  if (email !== null && password !== null) {
    const isKept = kept?.['email'] === email && kept['password'] === password;
    if (!isKept) await writePrivateFile(path, { email, password });
    return { email, password, path, isNew: false };
  }
  if (typeof kept?.['email'] === 'string' && typeof kept['password'] === 'string') {
    return { email: kept['email'], password: kept['password'], path, isNew: false };
  }
  const made = { email: madeEmail, password: randomBytes(passwordBytes).toString('base64url') };
  await writePrivateFile(path, made);
  return { ...made, path, isNew: true };
}
