/** What bytes are by how they begin: enough to know whether a browser may show them as what they were declared. */

interface Kind {
  /** Where the mark stands and what it is: latin-1. */
  readonly marks: readonly (readonly [at: number, mark: string])[];
  /** Declared types that such bytes may be shown as. */
  readonly types: readonly string[];
}

const isoMedia = ['video/mp4', 'audio/mp4', 'audio/x-m4a', 'audio/aac', 'video/quicktime', 'video/3gpp'];
/** The first that fits counts. */
const kinds: readonly Kind[] = [
  { marks: [[0, '\x89PNG\r\n\x1a\n']], types: ['image/png', 'image/apng'] },
  { marks: [[0, '\xff\xd8\xff']], types: ['image/jpeg', 'image/jpg'] },
  { marks: [[0, 'GIF87a']], types: ['image/gif'] },
  { marks: [[0, 'GIF89a']], types: ['image/gif'] },
  {
    marks: [
      [0, 'RIFF'],
      [8, 'WEBP'],
    ],
    types: ['image/webp'],
  },
  {
    marks: [
      [0, 'RIFF'],
      [8, 'WAVE'],
    ],
    types: ['audio/wav', 'audio/x-wav', 'audio/wave'],
  },
  {
    marks: [
      [0, 'RIFF'],
      [8, 'AVI '],
    ],
    types: ['video/x-msvideo', 'video/avi'],
  },
  { marks: [[4, 'ftypavif']], types: ['image/avif'] },
  { marks: [[4, 'ftypavis']], types: ['image/avif'] },
  { marks: [[4, 'ftyphei']], types: ['image/heic', 'image/heif'] },
  { marks: [[4, 'ftypmif1']], types: ['image/heic', 'image/heif', 'image/avif'] },
  { marks: [[4, 'ftyp']], types: isoMedia },
  { marks: [[0, 'BM']], types: ['image/bmp'] },
  { marks: [[0, 'II*\0']], types: ['image/tiff'] },
  { marks: [[0, 'MM\0*']], types: ['image/tiff'] },
  { marks: [[0, '\x1aE\xdf\xa3']], types: ['video/webm', 'audio/webm', 'video/x-matroska'] },
  { marks: [[0, 'OggS']], types: ['audio/ogg', 'video/ogg', 'audio/opus', 'application/ogg'] },
  { marks: [[0, 'fLaC']], types: ['audio/flac', 'audio/x-flac'] },
  { marks: [[0, 'ID3']], types: ['audio/mpeg', 'audio/mp3', 'audio/aac'] },
  { marks: [[0, '%PDF-']], types: ['application/pdf'] },
  { marks: [[0, 'PK\x03\x04']], types: ['application/zip'] },
];
/** Eleven bits that an MPEG audio frame begins with. */
const isMpegAudio = (head: Uint8Array): boolean => head[0] === 0xff && ((head[1] ?? 0) & 0xe0) === 0xe0;

/** Bytes of the beginning that are looked at. */
export const sniffedBytes = 32;

const shownTypes = /^(?:image|audio|video)\/|^application\/pdf$/;
/** Raster images that thumbnails are made of. */
const pictures: ReadonlySet<string> = new Set([
  ...['image/png', 'image/jpeg', 'image/jpg', 'image/gif', 'image/webp', 'image/avif', 'image/tiff'],
]);

/** True when a browser may show it: it is what was declared, and nothing in it can act (no SVG, no HTML). */
export function mayBeShown(contentType: string, head: Uint8Array): boolean {
  return shownTypes.test(contentType) && typesOf(head).includes(contentType);
}

/** True for a picture of which a small one can be made. */
export function isPicture(contentType: string, head: Uint8Array): boolean {
  return pictures.has(contentType) && mayBeShown(contentType, head);
}

function typesOf(head: Uint8Array): readonly string[] {
  const kind = kinds.find(({ marks }) => marks.every(([at, mark]) => hasMark(head, at, mark)));
  if (kind !== undefined) return kind.types;
  return isMpegAudio(head) ? ['audio/mpeg', 'audio/mp3', 'audio/aac'] : [];
}

function hasMark(head: Uint8Array, at: number, mark: string): boolean {
  for (let index = 0; index < mark.length; index += 1) {
    if (head[at + index] !== mark.charCodeAt(index)) return false;
  }
  return true;
}
