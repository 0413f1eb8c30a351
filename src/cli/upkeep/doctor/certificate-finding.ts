/** What `parley doctor` says about the certificate of the front end. */
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { Config } from '../../../config/config.ts';
import { sentenceOf } from '../../failure.ts';
import type { Finding } from './finding.ts';

const daysWarn = 21;
const dayMs = 86_400_000;
const check = 'certificate';

/** Nothing, where somebody else speaks TLS. */
export async function checkCertificate(
  { tlsCert, tlsKey }: Pick<Config, 'tlsCert' | 'tlsKey'>,
  nowMs: number,
): Promise<readonly Finding[]> {
  if (tlsCert === null || tlsKey === null) return [];
  try {
    const certificate = new X509Certificate(await readFile(tlsCert));
    const key = createPrivateKey(await readFile(tlsKey));
    if (!certificate.checkPrivateKey(key)) {
      const found = 'PARLEY_TLS_KEY is not the key of PARLEY_TLS_CERT';
      return [{ check, status: 'fail', found, remedy: 'name the two files that belong together' }];
    }
    return [validityFinding(certificate, nowMs)];
  } catch (error) {
    const remedy = 'PARLEY_TLS_CERT and PARLEY_TLS_KEY must be PEM files that this user may read';
    return [{ check, status: 'fail', found: sentenceOf(error), remedy }];
  }
}

function validityFinding(certificate: X509Certificate, nowMs: number): Finding {
  const remedy = 'renew it, and restart the nodes one after another';
  const days = Math.floor((Date.parse(certificate.validTo) - nowMs) / dayMs);
  if (Date.parse(certificate.validFrom) > nowMs) {
    const found = `counts only from ${certificate.validFrom} on`;
    return { check, status: 'fail', found, remedy: 'is the clock of this machine right?' };
  }
  if (days < 0) return { check, status: 'fail', found: `has ended on ${certificate.validTo}`, remedy };
  const found = `ends in ${days} days, on ${certificate.validTo}`;
  return days < daysWarn ? { check, status: 'warn', found, remedy } : { check, status: 'ok', found };
}
