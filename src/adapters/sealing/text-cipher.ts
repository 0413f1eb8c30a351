/** The TextCipher port: AES-256-GCM of node:crypto, a random nonce for each text. */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import type { TextCipher } from '../../ports/sealing/text-cipher.ts';

const format = 'v1';
const cipher = 'aes-256-gcm';
const keyBytes = 32;
/** 96 random bits: safe for 2^32 texts by one key (NIST SP 800-38D §8.3); a rotation begins anew. */
const nonceBytes = 12;
const tagBytes = 16;
const form = /^v1\.([1-9]\d{0,8})\.([\w-]{16})\.([\w-]*)\.([\w-]{22})$/;

export const textCipher: TextCipher = {
  newKey: () => randomBytes(keyBytes),

  seal(text, key, version, place) {
    const nonce = randomBytes(nonceBytes);
    const sealing = createCipheriv(cipher, key, nonce, { authTagLength: tagBytes });
    sealing.setAAD(bound(version, place));
    const sealed = Buffer.concat([sealing.update(text, 'utf8'), sealing.final()]);
    const parts = [nonce, sealed, sealing.getAuthTag()].map((part) => part.toString('base64url'));
    return [format, version, ...parts].join('.');
  },

  open(sealed, key, place) {
    const [, version = '', ...parts] = form.exec(sealed) ?? [];
    const [nonce, text, tag] = parts.map((part) => decoded(part));
    if (nonce == null || text == null || tag == null) return null;
    const opening = createDecipheriv(cipher, key, nonce, { authTagLength: tagBytes });
    opening.setAAD(bound(Number(version), place)).setAuthTag(tag);
    try {
      return Buffer.concat([opening.update(text), opening.final()]).toString('utf8');
    } catch {
      return null;
    }
  },

  versionOf(sealed) {
    const version = form.exec(sealed)?.[1];
    return version === undefined ? null : Number(version);
  },
};

/** As JSON, so that no two places are spelled alike. */
function bound(version: number, place: readonly (string | number)[]): Buffer {
  return Buffer.from(JSON.stringify([format, version, ...place]));
}

/** Null for a text whose last character carries bits that are not used: each value is written in one way only. */
function decoded(part: string): Buffer | null {
  const bytes = Buffer.from(part, 'base64url');
  return bytes.toString('base64url') === part ? bytes : null;
}
