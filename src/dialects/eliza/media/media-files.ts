/**
 * Uploaded files by the names that they are served by: `/media/uploads/agents|channels/<id>/<ms>-<media id><ending>`.
 * A URL of an answer is signed; without that, a credential of the tenant reads them.
 */
import { limits } from '../../../domain/limits.ts';
import { msOf } from '../../../domain/time.ts';
import type { Clock } from '../../../ports/clock.ts';
import type { MediaRecord, UrlSigner } from '../../../ports/media.ts';

export type MediaOwner = 'agents' | 'channels';

/** As they stand in the query; what is missing is not signed. */
export interface SignedQuery {
  readonly tenant?: string | undefined;
  readonly expires?: string | undefined;
  readonly signature?: string | undefined;
}

export interface MediaFiles {
  /** Path and query: clients put them behind the address of the server. */
  urlOf(media: MediaRecord): string;
  /** The tenant whose file it may read; null: not signed by us for this one, or not any more. */
  signedFor(folder: string, name: string, query: SignedQuery): string | null;
}

export function openMediaFiles(signer: UrlSigner, clock: Pick<Clock, 'nowMicros'>): MediaFiles {
  return {
    urlOf(media) {
      const [folder, name] = [media.folder ?? '', nameOf(media)];
      const expires = String(Math.ceil(clock.nowMicros() / 1_000_000) + limits.mediaNamedUrlMs / 1000);
      const { tenant } = media;
      const signature = signer.sign(['named', tenant, folder, name, expires]);
      return `/media/uploads/${folder}/${name}?${new URLSearchParams({ tenant, expires, signature })}`;
    },
    signedFor(folder, name, { tenant = '', expires = '', signature = '' }) {
      const isInTime = /^\d{1,15}$/.test(expires) && Number(expires) * 1_000_000 > clock.nowMicros();
      const isSigned = isInTime && signer.verifies(['named', tenant, folder, name, expires], signature);
      return isSigned ? tenant : null;
    },
  };
}

/** `id`: a UUID in lower case. */
export function folderOf(owner: MediaOwner, id: string): string {
  return `${owner}/${id}`;
}

const endings: Readonly<Record<string, string>> = {
  ...{ 'audio/mpeg': '.mp3', 'audio/mp3': '.mp3', 'audio/wav': '.wav', 'audio/x-wav': '.wav' },
  ...{ 'audio/wave': '.wav', 'audio/ogg': '.ogg', 'audio/webm': '.webm', 'audio/mp4': '.m4a' },
  ...{ 'audio/aac': '.aac', 'audio/flac': '.flac', 'image/jpeg': '.jpg', 'image/png': '.png' },
  ...{ 'image/gif': '.gif', 'image/webp': '.webp', 'video/mp4': '.mp4', 'video/webm': '.webm' },
  ...{ 'application/pdf': '.pdf', 'text/plain': '.txt' },
};

/** Nothing of it comes from outside: neither does a browser take the ending for anything else. */
export function nameOf({ id, createdAt, contentType }: MediaRecord): string {
  return `${msOf(createdAt)}-${id}${endings[contentType] ?? ''}`;
}

const fileName = /^\d{1,15}-([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})(?:\.[a-z0-9]{1,8})?$/;

/** The media of a name that nameOf() made; null: it made no such name. */
export function mediaIdIn(name: string): string | null {
  return fileName.exec(name)?.[1] ?? null;
}

/** What upstream calls it. */
export function kindOf(contentType: string): 'image' | 'video' | 'audio' | 'document' {
  const [kind] = contentType.split('/');
  return kind === 'image' || kind === 'video' || kind === 'audio' ? kind : 'document';
}
