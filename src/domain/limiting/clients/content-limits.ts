/** What a client may say: part of `limits`. */
export const contentLimits = {
  contentBytesMax: 262_144,
  metadataBytesMax: 16_384,
  deltaBytesMax: 16_384,
  draftBytesMax: 262_144,
  clientIdCharsMax: 128,
  frameIdCharsMax: 64,
  nameCharsMax: 255,
  descriptionCharsMax: 4_000,
  principalIdCharsMax: 255,
  /** Principals whom one message may be for. */
  addresseesMax: 16,
  policyRefCharsMax: 255,
  runIdCharsMax: 128,
  traceCharsMax: 255,
  reasonCharsMax: 1_000,
  emojiCharsMax: 64,
  jsonDepthMax: 32,
} as const;
