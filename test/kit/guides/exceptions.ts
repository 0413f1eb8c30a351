/** What documents say and a test cannot do as it stands there: by name, with the reason, and what is done instead. */

export interface Endless {
  readonly file: string;
  /** How the line begins. It ends when somebody ends it. */
  readonly line: string;
  /** It has begun when it has printed this. */
  readonly ready: string;
  /** At the end of the document it must have printed this. */
  readonly shows: string;
}

export const endless: readonly Endless[] = [
  { file: 'README.md', line: 'node dist/src/main.js tail', ready: 'following', shows: 'hello' },
];

export interface StandIn {
  /** Called so often in all documents. Its arguments that name files of deploy/ must be there. */
  readonly calls: number;
  readonly why: string;
  /** Tests that look at what it would do. */
  readonly instead: readonly string[];
}

const noEngine = 'no container engine in the tests';
const noCluster = 'no cluster in the tests';
const noSystem = 'changes the machine, as root';

/** Programs that are not called: a function of the session that counts takes the place of each. */
export const standIns: Readonly<Record<string, StandIn>> = {
  nats: {
    calls: 4,
    why: 'comes with no distribution',
    instead: ['test/compose/nats-door', 'test/journeys/first-steps.test.ts'],
  },
  docker: { calls: 8, why: noEngine, instead: ['test/deploy'] },
  kubectl: { calls: 6, why: noCluster, instead: ['test/deploy'] },
  helm: { calls: 1, why: noCluster, instead: ['test/deploy'] },
  useradd: { calls: 2, why: noSystem, instead: ['test/deploy'] },
  git: { calls: 1, why: 'no repository to clone from', instead: ['test/deploy'] },
  npm: { calls: 1, why: noSystem, instead: ['test/deploy'] },
  install: { calls: 7, why: noSystem, instead: ['test/deploy'] },
  sudo: { calls: 1, why: noSystem, instead: ['src/adapters/embedded/postgres-store.ts'] },
  systemctl: { calls: 1, why: noSystem, instead: ['test/deploy'] },
};

export interface Before {
  readonly file: string;
  /** How the line begins. */
  readonly line: string;
  /** What the text asks of its reader before it, in words; the environment of sessions has `EMPTY_…`. */
  readonly sh: string;
}

export const before: readonly Before[] = [
  {
    file: 'deploy/backup.md',
    line: 'node dist/src/main.js restore',
    sh: 'export NATS_URL=$EMPTY_NATS_URL NATS_CREDS=$EMPTY_NATS_CREDS DATABASE_URL=$EMPTY_DATABASE_URL',
  },
  { file: 'schemas/PROTOCOL.md', line: 'nats --server', sh: 'KEY=key ID=id TENANT=tenant' },
  { file: 'deploy/operations.md', line: 'kill -TERM $PID', sh: 'sleep 60 & PID=$!' },
];

export interface Shown {
  readonly file: string;
  readonly begins: string;
  readonly why: string;
}

/** Blocks that are looked at and nothing else. */
export const shown: readonly Shown[] = [
  { file: 'README.md', begins: ' write trip', why: 'a picture' },
  {
    file: 'src/dialects/webhooks/README.md',
    begins: 'POST /hook',
    why: 'what a receiver gets: test/journeys/webhooks.test.ts',
  },
  { file: 'src/guides/from-symbia.md', begins: 'copy (select', why: "a statement of Symbia's own database" },
  { file: 'schemas/cli.md', begins: '', why: 'generated and checked: test/cli/help.test.ts' },
];
