import type { SigningKeyRecord, SigningKeyStore } from '../../../ports/identity/token-key-store.ts';
import { insertAudit } from '../audit/insert-audit.ts';
import type { Pool, Transaction } from '../pool.ts';

interface SigningKeyRow {
  readonly kid: string;
  readonly private_jwk: Record<string, unknown> | string;
  readonly public_jwk: Record<string, unknown>;
  readonly created_us: number;
  readonly retired_us: number | null;
}

export function openSigningKeyStore(pool: Pool): SigningKeyStore {
  return {
    list: () =>
      pool.answering(async (sql) => {
        const rows = await sql<SigningKeyRow[]>`
          select kid, private_jwk, public_jwk, created_us, retired_us from signing_keys
          order by created_us desc, kid desc`;
        return rows.map((row) => ({
          kid: row.kid,
          privateJwk: row.private_jwk,
          publicJwk: row.public_jwk,
          createdAt: row.created_us,
          retiredAt: row.retired_us,
        }));
      }),

    addFirst: (key) =>
      pool.transacting(async (tx) => {
        // Nodes that start at once wait here: one of them finds the table empty.
        await tx`lock table signing_keys in share row exclusive mode`;
        const [row] = await tx<{ there: number }[]>`select count(*) as there from signing_keys`;
        if (row?.there === 0) await insertKey(tx, key);
        return null;
      }),

    replace: (key, isRevoking, audit) =>
      pool.transacting(async (tx) => {
        await tx`lock table signing_keys in share row exclusive mode`;
        if (isRevoking) await tx`delete from signing_keys`;
        else await tx`update signing_keys set retired_us = ${key.createdAt} where retired_us is null`;
        await insertKey(tx, key);
        await insertAudit(tx, audit);
        return null;
      }),

    rewrap: (keys, audit) =>
      pool.transacting(async (tx) => {
        for (const { kid, privateJwk } of keys) {
          await tx`update signing_keys set private_jwk = ${tx.json(privateJwk as never)} where kid = ${kid}`;
        }
        await insertAudit(tx, audit);
        return null;
      }),
  };
}

async function insertKey(tx: Transaction, key: SigningKeyRecord): Promise<void> {
  await tx`
    insert into signing_keys (kid, private_jwk, public_jwk, created_us)
    values (${key.kid}, ${tx.json(key.privateJwk as never)}, ${tx.json(key.publicJwk as never)}, ${key.createdAt})`;
}
