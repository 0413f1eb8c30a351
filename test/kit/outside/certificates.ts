/** Certificates of one test, made by openssl: a CA, a server of this machine, a client, and a stranger's CA. */
import { execFile } from 'node:child_process';
import { chmod, chown, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { postgresAccount } from '../../../src/adapters/embedded/postgres-account.ts';
import { type Teardown, temporaryDir } from '../temporary.ts';

const run = promisify(execFile);

export type CertificateFiles = { readonly certFile: string; readonly keyFile: string };

export type TestCertificates = {
  readonly dir: string;
  readonly caFile: string;
  readonly ca: string;
  /** Of localhost and 127.0.0.1. */
  readonly server: CertificateFiles;
  /** Of another host, by the same CA. */
  readonly otherHost: CertificateFiles;
  readonly client: CertificateFiles;
  /** A CA that signed none of them. */
  readonly strangerCaFile: string;
};

/** The files may be read by the account that PostgreSQL runs as. */
export async function makeCertificates(t: Teardown): Promise<TestCertificates> {
  const { path: dir, remove } = await temporaryDir('certificates');
  t.teardown(remove);
  const ca = await authority(dir, 'ca');
  const stranger = await authority(dir, 'stranger');
  const local = 'DNS:localhost,IP:127.0.0.1';
  return {
    dir,
    caFile: ca.certFile,
    ca: await readFile(ca.certFile, 'utf8'),
    server: await signed(dir, ca, 'server', local),
    otherHost: await signed(dir, ca, 'other', 'DNS:other.example'),
    client: await signed(dir, ca, 'client', 'DNS:client.example'),
    strangerCaFile: stranger.certFile,
  };
}

const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];

function filesOf(dir: string, name: string): CertificateFiles {
  return { certFile: join(dir, `${name}.crt`), keyFile: join(dir, `${name}.key`) };
}

async function authority(dir: string, name: string): Promise<CertificateFiles> {
  const files = filesOf(dir, name);
  const out = ['-keyout', files.keyFile, '-out', files.certFile, '-subj', `/CN=${name}`, '-days', '2'];
  await run('openssl', ['req', '-x509', ...newKey, ...out]);
  return files;
}

async function signed(
  dir: string,
  ca: CertificateFiles,
  name: string,
  names: string,
): Promise<CertificateFiles> {
  const files = filesOf(dir, name);
  const [request, extensions] = [join(dir, `${name}.csr`), join(dir, `${name}.ext`)];
  await run('openssl', ['req', ...newKey, '-keyout', files.keyFile, '-out', request, '-subj', `/CN=${name}`]);
  await writeFile(extensions, `subjectAltName=${names}\n`);
  const by = ['-CA', ca.certFile, '-CAkey', ca.keyFile, '-CAcreateserial', '-days', '2'];
  await run('openssl', [
    'x509',
    '-req',
    '-in',
    request,
    ...by,
    '-extfile',
    extensions,
    '-out',
    files.certFile,
  ]);
  await chmod(files.keyFile, 0o600);
  const account = await postgresAccount();
  if (account !== undefined) await chown(files.keyFile, account.uid, account.gid);
  return files;
}
