import { createHmac, timingSafeEqual } from 'node:crypto';
import type { UrlSigner } from '../../ports/media.ts';

/** HMAC-SHA-256 over the fields as JSON, so that no two lists of fields spell the same text. */
export function openUrlSigner(key: Uint8Array): UrlSigner {
  const digest = (fields: readonly string[]): Buffer =>
    createHmac('sha256', key).update(JSON.stringify(fields)).digest();
  return {
    sign: (fields) => digest(fields).toString('base64url'),
    verifies(fields, signature) {
      const given = Buffer.from(signature, 'base64url');
      const own = digest(fields);
      return given.length === own.length && timingSafeEqual(given, own);
    },
  };
}
