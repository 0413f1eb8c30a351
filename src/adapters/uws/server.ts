// First, so that uWebSockets.js finds what it sets.
import './gate/header-room.ts';
import type { TemplatedApp } from 'uWebSockets.js';
import * as uWS from 'uWebSockets.js';
import { createServer } from 'node:net';
import { limits } from '../../domain/limits.ts';
import { checkTlsFiles, type TlsFiles } from './gate/tls-files.ts';
import type { HttpFront } from './http/http-front.ts';

export interface ServerOptions {
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  /** Several processes share the port (SO_REUSEPORT). Else a port in use is an error. */
  readonly isShared?: boolean;
  /** Attach sockets and other things; in order, before `http`, which takes what they leave. */
  readonly mounts: readonly ((app: TemplatedApp) => void)[];
  readonly http: HttpFront;
  /** Null: without TLS. */
  readonly tls: TlsFiles | null;
}

export interface Server {
  /** The real one. */
  readonly port: number;
  readonly app: TemplatedApp;
  /** No new connections from now on; those that are open stay. */
  readonly stopListening: () => void;
  /**
   * Stops listening, waits for the requests in flight (default limits.drainRequestsMs), then ends every
   * connection, sockets included: close those before, in waves.
   */
  readonly close: (waitMs?: number) => Promise<void>;
}

/** Listens; rejects with a sentence that names the address when it cannot. */
export async function openServer(options: ServerOptions): Promise<Server> {
  const { host, port, http } = options;
  const app = options.tls === null ? uWS.App() : openTlsApp(options.tls);
  for (const mount of options.mounts) mount(app);
  http.attach(app);
  const listening = await listen(app, options);
  if (listening === null) {
    app.close();
    throw new Error(
      `Cannot listen on ${host}:${port}: the port is in use, or the address is not of this machine.`,
    );
  }
  let isListening = true;
  const stopListening = (): void => {
    if (isListening) uWS.us_listen_socket_close(listening);
    isListening = false;
  };
  let closing: Promise<void> | null = null;
  const close = async (waitMs: number): Promise<void> => {
    stopListening();
    await http.drain(waitMs);
    app.close();
  };
  return {
    port: uWS.us_socket_local_port(listening),
    app,
    stopListening,
    close: (waitMs = limits.drainRequestsMs) => (closing ??= close(waitMs)),
  };
}

/** Certificates are read once: uWebSockets.js has no way to change them under connections that are open. */
function openTlsApp(files: TlsFiles): TemplatedApp {
  checkTlsFiles(files);
  return uWS.SSLApp({ cert_file_name: files.certFile, key_file_name: files.keyFile });
}

/** Null: the port is taken, or the address is not of this machine. */
async function listen(app: TemplatedApp, { host, port, isShared }: ServerOptions): Promise<Listening | null> {
  if (isShared !== true && port !== 0 && !(await isFree(host, port))) return null;
  return await new Promise((resolve) => {
    app.listen(host, port, (socket) => resolve(socket === false ? null : socket));
  });
}

type Listening = uWS.us_listen_socket;

/**
 * uWebSockets.js shares ports (SO_REUSEPORT), so two nodes would answer every other request. Its way to listen
 * alone refuses a port for a minute after a node that closed connections has ended (TIME_WAIT), and that is when
 * a node is restarted. So Node looks whether anybody listens; two that start in the same millisecond both go on.
 */
function isFree(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen({ host, port, exclusive: true }, () => probe.close(() => resolve(true)));
  });
}
