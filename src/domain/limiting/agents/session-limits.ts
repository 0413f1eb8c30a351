/** The bounds of sessions that end by themselves, and of jobs, as part of `limits`. */
export const sessionLimits = {
  /** Characters of the metadata of a session as JSON. */
  sessionMetadataCharsMax: 10_240,
  /** Of a message in a session. */
  sessionContentCharsMax: 4_000,
  /** A conversation that lasts this much longer than one timeout may be asked for. */
  sessionTimeoutsInDuration: 2,
  /** No threshold of a warning is later than this is long: 14 days, as the longest session lasts. */
  sessionWarningMinutesMax: 20_160,
  /** How often it is looked what time it is where all nodes see the same; in between the monotonic clock goes on. */
  sessionClockLookMs: 5_000,
  /** How often a node looks for notices that are due… */
  sessionNoticeLookMs: 1_000,
  /** …how many it takes at once, and how often in a row while there are more… */
  sessionNoticesAtOnce: 100,
  sessionNoticeRoundsMax: 10,
  /** …several times at once, should one wait for a server… */
  sessionTellingsMax: 4,
  /** …and for how long they are its own: then it is taken for dead. */
  sessionNoticeLeaseMs: 10_000,
  /** A notice that nobody could post for a day is of no use any more. */
  sessionNoticeAgeMs: 86_400_000,
  /** Sessions that one sweep removes. */
  sessionSweepMax: 1_000,
  sessionsListedMax: 500,
  /** Nobody pages further than this. */
  sessionsOffsetMax: 100_000,

  /** Jobs that one tenant has: beyond, those that ended first are dropped. */
  jobsPerTenantMax: 10_000,
  jobContentCharsMax: 50_000,
  jobMetadataCharsMax: 10_000,
  jobMsMin: 1_000,
  jobMsMax: 300_000,
  jobMsDefault: 30_000,
  jobsListedMax: 100,
  /** Newest messages after the prompt among which the answer is looked for. */
  jobAnswerSoughtMax: 100,
  /** How often a node looks for jobs whose time is up, and how many it settles at once. */
  jobSweepMs: 5_000,
  jobSweepMax: 100,
  /** Conversations of jobs that one list reads at once. */
  jobsReadAtOnce: 10,
  /** A job that is over is kept for so long. */
  jobKeptMs: 86_400_000,
  /** Jobs whose answers a node waits for, so as to settle them at once: the others are settled when somebody asks. */
  jobsWatchedMax: 1_000,
} as const;
