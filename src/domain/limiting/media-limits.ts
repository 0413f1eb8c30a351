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
  /** How long the URL counts that an upload for an agent or a channel is answered with: it stands in messages. */
  mediaNamedUrlMs: 30 * 86_400_000,
  /** Of a file in a form (eliza.md §4). */
  uploadedFileBytesMax: 52_428_800,
  /** Forms with a file: their fields, each of them, and what is said of it. */
  formFieldsMax: 20,
  formFieldBytesMax: 65_536,
  formHeadersMax: 16,
  formHeaderBytesMax: 8_192,
  /** All of a form but its file. */
  formOverheadBytesMax: 1_048_576,
  /** Being read, and at work. */
  formsInFlightMax: 64,
  /** Of an S3-compatible store: how much is asked for at once, so that no slow reader holds a connection to it. */
  mediaStoreReadBytes: 1_048_576,
  mediaStoreConnectionsMax: 64,
  /** Calls of one node, waiting for a connection or under way. */
  mediaStoreCallsMax: 512,
  mediaStoreConnectMs: 2_000,
  /** All attempts of a call together; one takes half of it at most. */
  mediaStoreCallMs: 20_000,
  /** The store copies up to 100 MB before it answers. */
  mediaStoreCopyMs: 60_000,
  /** How long a start waits to hear whether the bucket is there. */
  mediaStoreCheckMs: 3_000,
  mediaStoreTriesMax: 3,
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
  /** One that comes later is told to the readers of its message, which may be on its way to the log. */
  thumbnailTellTriesMax: 5,
  thumbnailTellPauseMs: 200,
} as const;
