/** Bounds of files that are uploaded and attached to messages: part of `limits`. */
export const mediaLimits = {
  mediaBytesMax: 104_857_600,
  filenameCharsMax: 255,
  mediaPerMessageMax: 10,
  /** How long the URL for an upload counts, and the upload waits to be confirmed. */
  mediaUploadMs: 15 * 60_000,
  /** A message that is not there so long after a file was attached to it was never posted. */
  mediaAttachMs: 60_000,
  /** How long the URL of a download counts. */
  mediaUrlMs: 3_600_000,
  mediaPendingPerPrincipalMax: 200,
  /** Of one node. Each holds up to 1 MB. */
  mediaUploadsInFlightMax: 64,
  mediaPieceBytes: 131_072,
  /** Uploads that nobody confirmed are looked for this often, and so many are deleted at once. */
  mediaSweepMs: 60_000,
  mediaSweepMax: 100,
  /** Larger pictures get no thumbnail: one is read into memory. */
  thumbnailSourceBytesMax: 20 * 1024 * 1024,
  /** 50 megapixels: 200 MB if a format must be decoded whole. */
  thumbnailPixelsMax: 50_000_000,
  thumbnailEdgePixels: 320,
  thumbnailSecMax: 10,
  thumbnailsWaitingMax: 100,
  /** A confirmation waits so long for its thumbnail. */
  thumbnailWaitMs: 1_500,
} as const;
