/** Bounds of speech, made and understood: part of `limits`. */
export const speechLimits = {
  /** What is spoken at once: some five minutes. */
  spokenCharsMax: 4_000,
  /** Five minutes are 13 MB. */
  spokenBytesMax: 33_554_432,
  synthesisMsMax: 60_000,
  /** A recording as a file, and as what is heard of it. */
  recordingBytesMax: 52_428_800,
  recordingSecMax: 300,
  /** To decode 50 MB. */
  decodingMsMax: 60_000,
  /** The offline recogniser takes a third of the time that a recording lasts, on one core. */
  transcriptionMsMax: 240_000,
  transcriptBytesMax: 1_048_576,
  /** How long an answer is waited for that is to be spoken. */
  spokenAnswerMsMax: 60_000,
  /** Engines that run at once on a node, and who waits for one. */
  speechAtOnceMax: 2,
  speechWaitingMax: 16,
  /** Requests of a node to an endpoint for speech that are under way. */
  speechCallsMax: 32,
} as const;
