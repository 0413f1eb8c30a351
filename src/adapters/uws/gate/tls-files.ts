/** The certificate and key of the front end, looked at before uWebSockets.js is, which only says "App construction failed". */
import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';

/** PEM files: PARLEY_TLS_CERT (with its chain) and PARLEY_TLS_KEY. */
export interface TlsFiles {
  readonly certFile: string;
  readonly keyFile: string;
}

/** Throws a sentence for files that cannot be read, are none or do not belong together, and for a certificate that is over. */
export function checkTlsFiles({ certFile, keyFile }: TlsFiles): void {
  const certificate = parsed('PARLEY_TLS_CERT', certFile, (pem) => new X509Certificate(pem));
  const key: KeyObject = parsed('PARLEY_TLS_KEY', keyFile, (pem) => createPrivateKey(pem));
  if (!certificate.checkPrivateKey(key))
    throw new Error(`The key in ${keyFile} (PARLEY_TLS_KEY) is not that of the certificate in ${certFile}.`);
  if (Date.parse(certificate.validTo) < Date.now())
    throw new Error(
      `The certificate in ${certFile} (PARLEY_TLS_CERT) was valid until ${certificate.validTo}.`,
    );
}

function parsed<T>(variable: string, path: string, parse: (pem: Buffer) => T): T {
  let pem: Buffer;
  try {
    pem = readFileSync(path);
  } catch (error) {
    throw new Error(`${variable} cannot be read: ${(error as Error).message}`);
  }
  try {
    return parse(pem);
  } catch {
    throw new Error(`${variable}: ${path} is not in PEM form, or is encrypted.`);
  }
}
