/** Calls to an S3-compatible store: bounded in number and time, tried again, and told apart by how they end. */
import type { S3Client } from '@aws-sdk/client-s3';
import { overloaded } from '../../domain/limiting/overload.ts';
import { limits } from '../../domain/limits.ts';
import { Problem } from '../../domain/problem.ts';
import type { Logger } from '../../ports/logger.ts';
import { refusalOf, type S3Refusal } from './s3-refusals.ts';

export interface S3Place {
  readonly endpoint: string;
  readonly bucket: string;
  readonly region: string;
  readonly accessKey: string;
  readonly secretKey: string;
}

export type Sdk = typeof import('@aws-sdk/client-s3');
export type Outcome<T> = { readonly kind: 'done'; readonly value: T } | S3Refusal;
export interface CallOptions {
  readonly abortSignal: AbortSignal;
  readonly requestTimeout: number;
}
type Call<T> = (client: S3Client, options: CallOptions) => Promise<T>;

export interface S3Calls {
  readonly sdk: Sdk;
  readonly client: S3Client;
  readonly bucket: string;
  /** `allowedMs`: for all attempts together. What is read of an answer is read within the call. */
  ask<T>(call: Call<T>, allowedMs?: number): Promise<Outcome<T>>;
  /** For clients: nothing of what the store said. */
  problemOf(refusal: S3Refusal): Problem;
  close(): void;
}

/** Opens no connection. */
export async function openS3Calls(place: S3Place, logger: Pick<Logger, 'error'>): Promise<S3Calls> {
  const sdk = await import('@aws-sdk/client-s3');
  const client = new sdk.S3Client(clientOptions(place));
  let underWay = 0;
  return {
    ...{ sdk, client, bucket: place.bucket },
    async ask(call, allowedMs = limits.mediaStoreCallMs) {
      if (underWay >= limits.mediaStoreCallsMax) return { kind: 'overloaded' };
      underWay += 1;
      try {
        const abortSignal = AbortSignal.timeout(allowedMs);
        // A connection that fell silent leaves time for another one.
        return { kind: 'done', value: await call(client, { abortSignal, requestTimeout: allowedMs / 2 }) };
      } catch (error) {
        const refusal = refusalOf(error);
        if (refusal.kind === 'failed') {
          const { code, status } = refusal;
          logger.error({ code, status }, 'the store of media failed');
        }
        return refusal;
      } finally {
        underWay -= 1;
      }
    },
    problemOf(refusal) {
      if (refusal.kind === 'missing') return new Problem('not_found');
      if (refusal.kind === 'overloaded') return overloaded('media_store');
      return new Problem(refusal.kind === 'failed' && refusal.isFull ? 'storage_full' : 'unavailable');
    },
    close: () => client.destroy(),
  };
}

const quiet = (): void => {};
const connections = { keepAlive: true, maxSockets: limits.mediaStoreConnectionsMax } as const;

function clientOptions({ endpoint, region, accessKey, secretKey }: S3Place) {
  return {
    ...{ endpoint, region },
    credentials: { accessKeyId: accessKey, secretAccessKey: secretKey },
    // Buckets as subdomains are Amazon's; others have a name in DNS for the endpoint only.
    forcePathStyle: !/(?:^|\.)amazonaws\.com(?:\.cn)?$/.test(new URL(endpoint).hostname),
    // Other stores do not know Amazon's newer checksums, and no browser would send one with a presigned PUT.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    maxAttempts: limits.mediaStoreTriesMax,
    retryMode: 'standard',
    requestHandler: {
      connectionTimeout: limits.mediaStoreConnectMs,
      socketTimeout: limits.mediaStoreCopyMs,
      throwOnRequestTimeout: true,
      httpAgent: connections,
      httpsAgent: connections,
    },
    // It would write to the console; what fails is told by ask().
    logger: { trace: quiet, debug: quiet, info: quiet, warn: quiet, error: quiet },
  } as const;
}
