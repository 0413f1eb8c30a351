/** What a run needs: the nats-server that Parley and reference (a) share, Parley, and the references. */
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { natsBinary } from '../../src/adapters/embedded/nats-binary.ts';
import { type NatsServer, openNatsServer } from '../../src/adapters/embedded/nats-server.ts';
import {
  type NatsCredentials,
  newNatsCredentials,
  parseNatsCredentials,
  serverVariables,
} from '../../src/adapters/jetstream/door/nats-credentials.ts';
import type { BesideProcess } from './beside-process.ts';
import type { Closers } from './closers.ts';
import { type ParleyOptions, type ParleyProcess, startParley } from './parley-process.ts';
import { startReference } from './reference-process.ts';

/** The repository, seen from dist/bench/kit/. */
export const repository = fileURLToPath(new URL('../../../', import.meta.url));

/** Of the nats-server of a run, without scheme. */
export type NatsAddress = { readonly server: string; readonly user: string; readonly password: string };

/** The references append as a node does: as Parley's user for the log. */
const natsUser = { user: 'core', password: 'not-a-secret' } as const;

export class Stack {
  readonly #closers: Closers;
  readonly #dir: string;
  readonly #nats: NatsServer;
  readonly #profileDir: string | undefined;
  readonly #references = new Map<string, BesideProcess<unknown>>();
  #parley: ParleyProcess | undefined;

  private constructor(closers: Closers, dir: string, nats: NatsServer, profileDir: string | undefined) {
    this.#closers = closers;
    this.#dir = dir;
    this.#nats = nats;
    this.#profileDir = profileDir;
    closers.add(() => this.#parley?.close());
  }

  /** Starts nats-server on a free port, in a directory that `closers` removes at the end. */
  static async open(closers: Closers, profileDir?: string): Promise<Stack> {
    const dir = await mkdtemp(join(tmpdir(), 'parley-bench-'));
    closers.add(() => rm(dir, { recursive: true, force: true, maxRetries: 5 }));
    await chmod(dir, 0o711); // PostgreSQL runs as another account where we are root
    const nats = await openNatsServer({
      binary: await natsBinary(process.env['NATS_SERVER'], join(repository, 'deploy/nats-server.sh')),
      configPath: join(repository, 'nats-server.conf'),
      dataDir: dir,
      port: 0,
      variables: { ...serverVariables(made()), PARLEY_NATS_CORE_PASSWORD: natsUser.password },
    });
    closers.add(() => nats.close());
    return new Stack(closers, dir, nats, profileDir);
  }

  /** Where Parley and its embedded servers keep what they store. */
  get dataDir(): string {
    return this.#dir;
  }

  get natsPid(): number {
    return this.#nats.pid;
  }

  get natsAddress(): NatsAddress {
    return { server: this.#nats.url.replace('nats://', ''), ...natsUser };
  }

  /** The running Parley, started when first asked for. */
  parley(): Promise<ParleyProcess> {
    return this.#started();
  }

  async #started(serve?: ParleyOptions['serve']): Promise<ParleyProcess> {
    this.#parley ??= await startParley({
      natsUrl: this.#nats.url.replace('://', `://${natsUser.user}:${natsUser.password}@`),
      dataDir: this.#dir,
      profileDir: this.#profileDir,
      serve,
    });
    return this.#parley;
  }

  /** A Parley that has done nothing yet, on the same data; with `serve`, as a node of a deployment. */
  async freshParley(serve?: ParleyOptions['serve']): Promise<ParleyProcess> {
    await this.#parley?.close();
    this.#parley = undefined;
    return this.#started(serve);
  }

  /** A reference, started when first asked for. */
  async reference<Ready>(name: string): Promise<BesideProcess<Ready>> {
    const running = this.#references.get(name);
    if (running !== undefined) return running as BesideProcess<Ready>;
    const { server, user, password } = this.natsAddress;
    const started = await startReference<Ready>(name, {
      BENCH_NATS_SERVER: server,
      BENCH_NATS_USER: user,
      BENCH_NATS_PASSWORD: password,
    });
    this.#closers.add(() => started.close());
    this.#references.set(name, started);
    return started;
  }
}

/** New credentials for the nats-server of a run; nobody but `core` connects to it. */
function made(): NatsCredentials {
  const credentials = parseNatsCredentials(newNatsCredentials());
  if (credentials === null) throw new Error('these credentials cannot be read back');
  return credentials;
}
