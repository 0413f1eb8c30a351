import { createServer } from 'node:net';

/** How many ports after the preferred one are tried before any free port is taken. */
const portsTriedMax = 100;

/**
 * A TCP port on `host` that nothing listens on: `preferred`, else the next free one after it, else any.
 * Another process may take it before the caller does, so the caller must be ready to ask again.
 */
export async function freePort(preferred = 0, host = '127.0.0.1'): Promise<number> {
  const last = Math.min(preferred + portsTriedMax, 65_535);
  for (let port = preferred; port > 0 && port <= last; port += 1) {
    if ((await bind(port, host)) !== undefined) return port;
  }
  const any = await bind(0, host);
  if (any === undefined) throw new Error(`no free TCP port on ${host}`);
  return any;
}

/** So many different ones, each the next free one after the one before; with `first` 0 any. As freePort(). */
export async function freePorts(count: number, first = 0, host = '127.0.0.1'): Promise<readonly number[]> {
  const ports: number[] = [];
  for (let next = first; ports.length < count; ) {
    const port = await freePort(next, host);
    if (!ports.includes(port)) ports.push(port);
    next = next === 0 ? 0 : port + 1;
  }
  return ports;
}

/** Binds and releases `port` (0: any); answers the bound port, or undefined if it is taken. */
function bind(port: number, host: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => {
      // EACCES: a privileged port, as unusable for us as a taken one.
      if (error.code === 'EADDRINUSE' || error.code === 'EACCES') resolve(undefined);
      else reject(error);
    });
    server.listen({ port, host, exclusive: true }, () => {
      const address = server.address();
      const bound = typeof address === 'object' && address !== null ? address.port : undefined;
      server.close(() => resolve(bound));
    });
  });
}
