/** URLs that need no bearer: signed over what they allow, for a time (vero.md §7). */
import { limits } from '../../../../domain/limits.ts';
import type { Micros } from '../../../../domain/time.ts';
import type { MediaRecord, UrlSigner } from '../../../../ports/media.ts';

export interface MediaUrls {
  /** To be PUT to, with the declared Content-Type. */
  upload(media: Pick<MediaRecord, 'tenant' | 'id' | 'contentType' | 'sizeBytes' | 'expiresAt'>): string;
  /**
   * What anybody may read who has it. `message`: counts only as long as it is attached to that message; null:
   * the caller was seen to be allowed.
   */
  read(part: MediaPart, media: Pick<MediaRecord, 'tenant' | 'id'>, message: string | null): string;
  /** Whether an upload may go on: signed by us, for these, and not too late. */
  mayUpload(id: string, query: UploadQuery): boolean;
  mayRead(part: MediaPart, id: string, query: ReadQuery): boolean;
}

export type MediaPart = 'content' | 'thumbnail';

/** As they stand in the query; what is missing is not signed. */
export interface ReadQuery {
  readonly tenant?: string | undefined;
  readonly message?: string | undefined;
  readonly expires?: string | undefined;
  readonly signature?: string | undefined;
}

export interface UploadQuery extends ReadQuery {
  readonly type?: string | undefined;
  readonly size?: string | undefined;
}

export interface MediaUrlDeps {
  readonly signer: UrlSigner;
  /** PARLEY_PUBLIC_URL, without a slash at its end. */
  readonly base: () => string;
  readonly now: () => Micros;
}

export function openMediaUrls({ signer, base, now }: MediaUrlDeps): MediaUrls {
  const url = (id: string, part: MediaPart, query: Readonly<Record<string, string>>): string =>
    `${base()}/v1/chat/media/${id}/${part}?${new URLSearchParams(query)}`;
  const isIntime = (expires: string | undefined): boolean =>
    expires !== undefined && /^\d{1,15}$/.test(expires) && Number(expires) * 1_000_000 > now();

  return {
    upload({ tenant, id, contentType, sizeBytes, expiresAt }) {
      const [type, size, expires] = [contentType, String(sizeBytes), inSeconds(expiresAt)];
      const signature = signer.sign(['put', tenant, id, type, size, expires]);
      return url(id, 'content', { tenant, type, size, expires, signature });
    },
    read(part, { tenant, id }, message) {
      const expires = inSeconds(now() + limits.mediaUrlMs * 1000);
      const signature = signer.sign([part, tenant, id, message ?? '', expires]);
      return url(id, part, { tenant, ...(message === null ? {} : { message }), expires, signature });
    },
    mayUpload(id, { tenant = '', type = '', size = '', expires, signature = '' }) {
      return isIntime(expires) && signer.verifies(['put', tenant, id, type, size, expires ?? ''], signature);
    },
    mayRead(part, id, { tenant = '', message = '', expires, signature = '' }) {
      return isIntime(expires) && signer.verifies([part, tenant, id, message, expires ?? ''], signature);
    },
  };
}

/** Rounded up: never shorter than promised. */
function inSeconds(at: Micros): string {
  return String(Math.ceil(at / 1_000_000));
}
