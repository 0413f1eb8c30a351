/** Levels of log entries with their numbers, as clients of ElizaOS compare them: by request and by socket. */
export const logLevels = {
  ...{ fatal: 60, error: 50, warn: 40, info: 30, log: 29, progress: 28, success: 27, debug: 20, trace: 10 },
} as const;
