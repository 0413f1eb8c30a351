/**
 * Signature version 4 as a store checks it, written from Amazon's description and not with the SDK: in the header
 * Authorization, or in the query of a presigned URL.
 */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { S3Request } from './s3-request.ts';

export interface S3Account {
  readonly region: string;
  readonly accessKey: string;
  readonly secretKey: string;
}

/** A code of S3. */
export type SignatureFault =
  | 'AccessDenied'
  | 'AuthorizationHeaderMalformed'
  | 'InvalidAccessKeyId'
  | 'RequestTimeTooSkewed'
  | 'SignatureDoesNotMatch'
  | 'XAmzContentSHA256Mismatch';

interface Claim {
  readonly credential: string;
  readonly at: string;
  readonly signedHeaders: readonly string[];
  readonly signature: string;
  readonly contentHash: string;
  /** Of a URL; null: the request itself is as old as it says. */
  readonly expiresSec: number | null;
}

const skewMsMax = 15 * 60_000;
const unsigned = 'UNSIGNED-PAYLOAD';

/** Null: somebody with the secret key asked for just this, and in time. */
export function signatureFault(request: S3Request, account: S3Account, nowMs: number): SignatureFault | null {
  const claim = request.query.has('X-Amz-Signature') ? claimInQuery(request) : claimInHeader(request);
  if (claim === null) return 'AccessDenied';
  const [key, day = '', region, service, end] = claim.credential.split('/');
  if (key !== account.accessKey) return 'InvalidAccessKeyId';
  if (region !== account.region || service !== 's3' || end !== 'aws4_request' || !claim.at.startsWith(day))
    return 'AuthorizationHeaderMalformed';
  const late = lateness(claim, nowMs);
  if (late !== null) return late;
  if (!signsEnough(request, claim)) return 'AccessDenied';
  if (!isSigned(request, claim, account, day)) return 'SignatureDoesNotMatch';
  const isHashed = claim.contentHash !== unsigned;
  return isHashed && claim.contentHash !== sha256(request.body) ? 'XAmzContentSHA256Mismatch' : null;
}

function claimInHeader({ headers }: S3Request): Claim | null {
  const form = /^AWS4-HMAC-SHA256 Credential=([^,]+), ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})$/;
  const [, credential, signed, signature] = form.exec(headers['authorization'] ?? '') ?? [];
  const { 'x-amz-date': at, 'x-amz-content-sha256': contentHash } = headers;
  if (credential === undefined || signed === undefined || signature === undefined) return null;
  if (at === undefined || contentHash === undefined) return null;
  return { credential, at, signedHeaders: signed.split(';'), signature, contentHash, expiresSec: null };
}

function claimInQuery({ query }: S3Request): Claim | null {
  const of = (name: string): string => query.get(`X-Amz-${name}`) ?? '';
  const expiresSec = Number(of('Expires'));
  if (of('Algorithm') !== 'AWS4-HMAC-SHA256' || !(expiresSec >= 1 && expiresSec <= 604_800)) return null;
  const signedHeaders = of('SignedHeaders').split(';');
  return {
    ...{ credential: of('Credential'), at: of('Date'), signedHeaders, signature: of('Signature') },
    ...{ contentHash: unsigned, expiresSec },
  };
}

function lateness({ at, expiresSec }: Claim, nowMs: number): SignatureFault | null {
  const iso = at.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z');
  const signedMs = Date.parse(iso);
  if (Number.isNaN(signedMs)) return 'AccessDenied';
  if (expiresSec === null) return Math.abs(nowMs - signedMs) > skewMsMax ? 'RequestTimeTooSkewed' : null;
  const isInTime = signedMs - skewMsMax <= nowMs && nowMs < signedMs + expiresSec * 1000;
  return isInTime ? null : 'AccessDenied';
}

/** Amazon's rule: `host`, and every x-amz- header that was sent, or the request could be given another meaning. */
function signsEnough({ headers }: S3Request, { signedHeaders }: Claim): boolean {
  const due = ['host', ...Object.keys(headers).filter((name) => name.startsWith('x-amz-'))];
  return due.every((name) => signedHeaders.includes(name));
}

function isSigned(request: S3Request, claim: Claim, account: S3Account, day: string): boolean {
  const { at, signature } = claim;
  const scope = `${day}/${account.region}/s3/aws4_request`;
  const text = ['AWS4-HMAC-SHA256', at, scope, sha256(canonical(request, claim))].join('\n');
  const steps = [day, account.region, 's3', 'aws4_request', text];
  const expected = steps.reduce<Buffer>(
    (key, step) => hmac(key, step),
    Buffer.from(`AWS4${account.secretKey}`),
  );
  const given = Buffer.from(signature, 'hex');
  return given.length === expected.length && timingSafeEqual(given, expected);
}

function canonical({ method, path, query, headers }: S3Request, claim: Claim): string {
  const parameters = [...query]
    .filter(([name]) => name !== 'X-Amz-Signature')
    .map(([name, value]) => `${encoded(name)}=${encoded(value)}`)
    .sort();
  const lines = claim.signedHeaders.map(
    (name) => `${name}:${(headers[name] ?? '').trim().replace(/ +/g, ' ')}`,
  );
  const segments = path.split('/').map((segment) => encoded(decodeURIComponent(segment)));
  return [
    ...[method, segments.join('/'), parameters.join('&'), ...lines, ''],
    ...[claim.signedHeaders.join(';'), claim.contentHash],
  ].join('\n');
}

/** RFC 3986, as S3 has it: everything but unreserved characters. */
function encoded(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

const sha256 = (bytes: Uint8Array | string): string => createHash('sha256').update(bytes).digest('hex');
const hmac = (key: Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest();
