/** The KeyWrap port over PARLEY_MASTER_KEY: AES-256-GCM with a random nonce for each wrap. */
import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import type { KeyWrap, WrapBinding } from '../../ports/sealing/key-wrap.ts';

const version = 'w1';
const cipher = 'aes-256-gcm';
/** 96 random bits: safe for 2^32 wraps by one master key (NIST SP 800-38D §8.3). */
const nonceBytes = 12;
const tagBytes = 16;
const idBytes = 6;

interface MasterKey {
  readonly id: string;
  readonly key: Buffer;
}

/**
 * `masterKey`: 32 bytes in base64 or hex, as the configuration checked them. `former` ones unwrap, but
 * never wrap. Throws for a key of another length.
 */
export function openKeyWrap(masterKey: string, former: readonly string[] = []): KeyWrap {
  const current = derive(masterKey);
  const known = new Map([...former.map(derive), current].map((one) => [one.id, one]));
  return {
    id: current.id,
    wrap(bytes, binding) {
      const nonce = randomBytes(nonceBytes);
      const sealing = createCipheriv(cipher, current.key, nonce).setAAD(bound(current.id, binding));
      const sealed = Buffer.concat([nonce, sealing.update(bytes), sealing.final(), sealing.getAuthTag()]);
      return `${version}.${current.id}.${sealed.toString('base64url')}`;
    },
    unwrap(text, binding) {
      const parts = text.split('.');
      const by = parts.length === 3 && parts[0] === version ? known.get(parts[1] ?? '') : undefined;
      return by === undefined ? null : open(by, Buffer.from(parts[2] ?? '', 'base64url'), binding);
    },
    isCurrent: (text) => text.startsWith(`${version}.${current.id}.`),
  };
}

function open({ id, key }: MasterKey, sealed: Buffer, binding: WrapBinding): Uint8Array | null {
  if (sealed.length < nonceBytes + tagBytes) return null;
  const opening = createDecipheriv(cipher, key, sealed.subarray(0, nonceBytes), { authTagLength: tagBytes });
  opening.setAAD(bound(id, binding)).setAuthTag(sealed.subarray(-tagBytes));
  try {
    return Buffer.concat([opening.update(sealed.subarray(nonceBytes, -tagBytes)), opening.final()]);
  } catch {
    return null;
  }
}

/** As JSON, so that no purpose and id together spell another pair. */
function bound(masterId: string, { purpose, id }: WrapBinding): Buffer {
  return Buffer.from(JSON.stringify([version, masterId, purpose, id]));
}

/** The master key itself wraps nothing: its name, which is stored in the clear, and its use are derived apart. */
function derive(masterKey: string): MasterKey {
  const bytes = /^[0-9a-f]{64}$/i.test(masterKey)
    ? Buffer.from(masterKey, 'hex')
    : Buffer.from(masterKey, 'base64');
  if (bytes.length !== 32) throw new Error('A master key has 32 bytes');
  const part = (use: string, length: number): Buffer =>
    Buffer.from(hkdfSync('sha256', bytes, new Uint8Array(0), `parley ${use} ${version}`, length));
  return { id: part('master key id', idBytes).toString('base64url'), key: part('key wrap', 32) };
}
