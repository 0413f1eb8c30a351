/** Bounds of the web console's files, which a node holds in memory: part of `limits`. */
export const consoleLimits = {
  /** What is built has a page, a style and a script or two. */
  consoleFilesMax: 64,
  /** All of them together, with their compressed copies; it is some 200 KB. */
  consoleBytesMax: 4_194_304,
} as const;
