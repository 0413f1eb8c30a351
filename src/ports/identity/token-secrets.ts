/** Randomness and digests for opaque secrets: refresh tokens, API keys, invites. */
export interface TokenSecrets {
  /** 256 random bits as 43 characters of base64url. */
  random(): string;
  /** A UUIDv4: 122 random bits in the form of an id. */
  randomId(): string;
  /** SHA-256: all that is stored of a secret. */
  digest(secret: string): Uint8Array;
}
