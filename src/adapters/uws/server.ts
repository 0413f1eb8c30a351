// First, so that uWebSockets.js finds what it sets.
import './gate/header-room.ts';
import type { TemplatedApp } from 'uWebSockets.js';
import * as uWS from 'uWebSockets.js';
import { limits } from '../../domain/limits.ts';
import { checkTlsFiles, type TlsFiles } from './gate/tls-files.ts';
import type { HttpFront } from './http-front.ts';

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

/** uWebSockets.js shares ports by default: two nodes would answer every other request. */
const exclusivePort = 1;

function listen(app: TemplatedApp, options: ServerOptions): Promise<uWS.us_listen_socket | null> {
  return new Promise((resolve) => {
    const done = (socket: uWS.us_listen_socket | false): void => resolve(socket === false ? null : socket);
    const { host, port } = options;
    // Its declarations do not know host and flags together; its code does.
    if (options.isShared === true) app.listen(host, port, done);
    else Reflect.apply(app.listen, app, [host, port, exclusivePort, done]);
  });
}
