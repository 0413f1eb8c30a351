/**
 * The Thumbnails port on sharp (libvips): one picture at a time, off the event loop, bounded in pixels and time.
 * libvips is loaded when the first picture comes; without it there are no thumbnails, and everything else works.
 */

import { overloaded } from '../../domain/limiting/overload.ts';
import { limits } from '../../domain/limits.ts';
import { Problem } from '../../domain/problem.ts';
import type { Logger } from '../../ports/logger.ts';
import type { BytePieces, Thumbnails } from '../../ports/media.ts';

type Sharp = typeof import('sharp').default;

/** What may decode: raster formats. No SVG, no PDF, no ImageMagick, whatever the bytes say. */
const decoders = ['Jpeg', 'Png', 'Webp', 'Nsgif', 'Heif', 'Tiff'].flatMap((format) => [
  `VipsForeignLoad${format}Buffer`,
]);

export function openThumbnails(logger: Pick<Logger, 'error'>): Thumbnails {
  let loading: Promise<Sharp | null> | null = null;
  let last: Promise<unknown> = Promise.resolve();
  let waiting = 0;

  async function load(): Promise<Sharp | null> {
    try {
      const { default: sharp } = await import('sharp');
      sharp.cache(false);
      sharp.concurrency(1);
      sharp.block({ operation: ['VipsForeignLoad'] });
      sharp.unblock({ operation: decoders });
      return sharp;
    } catch (error) {
      logger.error({ error }, 'there are no thumbnails: libvips cannot be loaded');
      return null;
    }
  }

  async function make(source: BytePieces) {
    loading ??= load();
    const sharp = await loading;
    if (sharp === null) return null;
    const bytes = await whole(source);
    return bytes === null || bytes instanceof Problem ? bytes : await shrink(sharp, bytes);
  }

  return {
    async make(source) {
      if (waiting >= limits.thumbnailsWaitingMax) return overloaded('thumbnails');
      waiting += 1;
      const made = last.then(() => make(source));
      last = made.catch(() => {});
      try {
        return await made;
      } finally {
        waiting -= 1;
      }
    },
  };
}

/** Null: larger than what is read. */
async function whole(source: BytePieces): Promise<Buffer | null | Problem> {
  const pieces: Uint8Array[] = [];
  let length = 0;
  for await (const piece of source) {
    if (piece instanceof Problem) return piece;
    length += piece.length;
    if (length > limits.thumbnailSourceBytesMax) return null;
    // Not slice(): a Buffer of Node would only be looked at from elsewhere, and its bytes change.
    pieces.push(new Uint8Array(piece));
  }
  return Buffer.concat(pieces, length);
}

/** Upright as EXIF says, and without EXIF: where a picture was taken is nobody's business. Null: no picture. */
async function shrink(sharp: Sharp, source: Buffer) {
  const { thumbnailPixelsMax: limitInputPixels, thumbnailEdgePixels: edge } = limits;
  try {
    const picture = sharp(source, { limitInputPixels, failOn: 'error', pages: 1, sequentialRead: true });
    const { autoOrient } = await picture.metadata();
    const bytes = await picture
      .autoOrient()
      .resize({ width: edge, height: edge, fit: 'inside', withoutEnlargement: true })
      .webp({ quality: 80 })
      .timeout({ seconds: limits.thumbnailSecMax })
      .toBuffer();
    return { width: autoOrient.width, height: autoOrient.height, bytes };
  } catch {
    // Broken, too many pixels, too slow: there is no picture to show, and nobody to tell.
    return null;
  }
}
