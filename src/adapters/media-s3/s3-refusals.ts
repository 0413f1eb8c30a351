/** What errors of the SDK mean to us. Their texts name hosts and keys: they stay here. */

export type S3Refusal =
  | { readonly kind: 'missing' }
  /** What a condition of the request asked for is not so any more. */
  | { readonly kind: 'changed' }
  | { readonly kind: 'overloaded' }
  | {
      readonly kind: 'failed';
      /** A word for logs: the store's own (`AccessDenied`), or the system's (`ECONNREFUSED`). */
      readonly code: string;
      /** Of the answer; null: there was none. */
      readonly status: number | null;
      readonly isFull: boolean;
      /** Our keys do not count there, or not for this. */
      readonly isRefused: boolean;
    };

/** Words of Amazon, MinIO, Ceph and Swift. */
const full = new Set(['QuotaExceeded', 'InsufficientStorage', 'XMinioStorageFull', 'EntityTooLarge']);
const word = /^[A-Za-z0-9_.-]{1,64}$/;

export function refusalOf(error: unknown): S3Refusal {
  const { name, code, $metadata } = error as {
    readonly name?: unknown;
    readonly code?: unknown;
    readonly $metadata?: { readonly httpStatusCode?: number };
  };
  const status = $metadata?.httpStatusCode ?? null;
  const said =
    [code, name].find((one): one is string => typeof one === 'string' && word.test(one)) ?? 'Error';
  // A bucket that is not there is nothing that a client could have asked for.
  if (status === 404 && said !== 'NoSuchBucket') return { kind: 'missing' };
  if (status === 412) return { kind: 'changed' };
  const isFull = status === 507 || full.has(said);
  return { kind: 'failed', code: said, status, isFull, isRefused: status === 401 || status === 403 };
}
