/**
 * A way to a server on which packets are dropped without a word. Three network namespaces, where the machine allows it:
 * this one, a router, and one in which a forwarder listens. What the router drops, both ends wait for. Elsewhere a proxy
 * that swallows what it reads, which is as silent, but acknowledges packets.
 *
 *   this (10.79.k.1) ── (10.79.k.2) router (10.79.k.5) ── (10.79.k.6) forwarder ── socket of the file system ── server
 */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { joinSockets } from '../../links/join-sockets.ts';
import { repository, type Teardown, temporaryDir } from '../../temporary.ts';

/** `both` by a route that is a black hole, `link` by a link that is down, `answers`: only what the server says is lost. */
export type Loss = 'both' | 'link' | 'answers';

export type FarWay = {
  readonly host: string;
  readonly port: number;
  /** False: it is the proxy. */
  readonly dropsPackets: boolean;
  drop(loss: Loss): void;
  heal(): void;
};

const farPort = 7000;
const prefix = 'parley';
let count = 0;

const ip = (...args: readonly string[]): string =>
  execFileSync('ip', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });

/** Opens a way to a port of this machine. Removed with the test, and with the process. */
export async function openFarWay(t: Teardown, targetPort: number): Promise<FarWay> {
  count += 1;
  const mark = `${prefix}${process.pid}-${count}`;
  removeLeftovers();
  try {
    makeNamespaces(mark);
  } catch (error) {
    remove(mark);
    console.error(
      `no network namespaces here, packets are swallowed by a proxy: ${(error as Error).message}`,
    );
    return openSwallowing(t, targetPort);
  }
  const atExit = (): void => remove(mark);
  process.once('exit', atExit);
  t.teardown(() => {
    process.off('exit', atExit);
    remove(mark);
  });
  const { far } = addresses();
  await forward(t, mark, far, targetPort);
  const router = (...args: readonly string[]): void => void ip('-n', `${mark}r`, ...args);
  let undo: (() => void)[] = [];
  const blackhole = (address: string): void => {
    router('route', 'add', 'blackhole', `${address}/32`);
    undo.push(() => router('route', 'del', 'blackhole', `${address}/32`));
  };
  return {
    host: far,
    port: farPort,
    dropsPackets: true,
    drop(loss) {
      const { near } = addresses();
      if (loss === 'link') {
        router('link', 'set', 'far', 'down');
        undo.push(() => router('link', 'set', 'far', 'up'));
        return;
      }
      blackhole(near);
      if (loss === 'both') blackhole(far);
    },
    heal() {
      for (const one of undo) one();
      undo = [];
    },
  };
}

/** One net for each way of this process; of two processes with one number one falls back to the proxy. */
function addresses(): {
  readonly near: string;
  readonly routerNear: string;
  readonly routerFar: string;
  readonly far: string;
} {
  const net = `10.79.${(process.pid + count) % 250}`;
  return { near: `${net}.1`, routerNear: `${net}.2`, routerFar: `${net}.5`, far: `${net}.6` };
}

function makeNamespaces(mark: string): void {
  const { near, routerNear, routerFar, far } = addresses();
  const [router, end] = [`${mark}r`, `${mark}f`];
  // Names of links have 15 characters at most, and are alone in their namespaces but for this one.
  const own = `pw${process.pid}.${count}`.slice(0, 15);
  ip('netns', 'add', router);
  ip('netns', 'add', end);
  ip('link', 'add', own, 'type', 'veth', 'peer', 'name', 'near', 'netns', router);
  ip('-n', router, 'link', 'add', 'far', 'type', 'veth', 'peer', 'name', 'end', 'netns', end);
  ip('addr', 'add', `${near}/30`, 'dev', own);
  ip('link', 'set', own, 'up');
  ip('-n', router, 'addr', 'add', `${routerNear}/30`, 'dev', 'near');
  ip('-n', router, 'addr', 'add', `${routerFar}/30`, 'dev', 'far');
  ip('-n', end, 'addr', 'add', `${far}/30`, 'dev', 'end');
  for (const [name, link] of [
    [router, 'near'],
    [router, 'far'],
    [end, 'end'],
  ] as const)
    ip('-n', name, 'link', 'set', link, 'up');
  ip('netns', 'exec', router, 'sh', '-c', 'echo 1 > /proc/sys/net/ipv4/ip_forward');
  ip('route', 'add', `${far}/32`, 'via', routerNear);
  ip('-n', end, 'route', 'add', 'default', 'via', routerFar);
}

/** Links go with their namespaces. */
function remove(mark: string): void {
  for (const name of [`${mark}r`, `${mark}f`]) {
    try {
      ip('netns', 'del', name);
    } catch {
      // It was never made.
    }
  }
}

/** Of processes that were killed. */
function removeLeftovers(): void {
  let names = '';
  try {
    names = ip('netns', 'list');
  } catch {
    return;
  }
  for (const [, mark, pid] of names.matchAll(/^(parley(\d+)-\d+)[rf]\b/gm)) {
    try {
      process.kill(Number(pid), 0);
    } catch {
      remove(mark ?? '');
    }
  }
}

async function forward(t: Teardown, mark: string, host: string, targetPort: number): Promise<void> {
  const dir = await temporaryDir('far');
  const path = join(dir.path, 'way');
  const open = new Set<Socket>();
  const server = createServer((near) => {
    joinSockets(open, near, connect(targetPort, '127.0.0.1'));
  });
  await new Promise<void>((resolve) => server.listen(path, resolve));
  const script = join(repository, 'dist/test/kit/chaos/faults/forwarder.js');
  const args = ['netns', 'exec', `${mark}f`, process.execPath, script, host, String(farPort), path];
  const child = spawn('ip', args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const exited = once(child, 'exit');
  t.teardown(async () => {
    child.kill('SIGKILL');
    await exited;
    for (const socket of open) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
    await dir.remove();
  });
  await Promise.race([
    once(child.stdout, 'data'),
    exited.then(() => {
      throw new Error('the forwarder does not listen');
    }),
  ]);
}

async function openSwallowing(t: Teardown, targetPort: number): Promise<FarWay> {
  const pairs = new Set<{ readonly near: Socket; readonly target: Socket }>();
  let loss: Loss | null = null;
  const server = createServer((near) => {
    const target = connect(targetPort, '127.0.0.1');
    const pair = { near, target };
    pairs.add(pair);
    near.on('data', (bytes) => (loss === null || loss === 'answers' ? void target.write(bytes) : undefined));
    target.on('data', (bytes) => (loss === null ? void near.write(bytes) : undefined));
    const end = (): void => {
      pairs.delete(pair);
      near.destroy();
      target.destroy();
    };
    for (const socket of [near, target]) socket.on('error', () => undefined).on('close', end);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => {
    for (const { near, target } of pairs) {
      near.destroy();
      target.destroy();
    }
    return new Promise((resolve) => server.close(resolve));
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the proxy does not listen');
  return {
    host: '127.0.0.1',
    port: address.port,
    dropsPackets: false,
    drop: (how) => {
      loss = how;
    },
    heal() {
      loss = null;
      // What was swallowed is missing in the middle of these.
      for (const { near, target } of pairs) {
        near.destroy();
        target.destroy();
      }
    },
  };
}
