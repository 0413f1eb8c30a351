/** Loaded into a node under test: SIGUSR2 collects its garbage, so that what it holds can be told from what it dropped. */
process.on('SIGUSR2', () => globalThis.gc?.());
