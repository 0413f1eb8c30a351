/** Where NATS is, and how it is reached: `tls://` in NATS_URL, with the files that config adds to it. */
import type { TlsOptions } from '@nats-io/transport-node';

/**
 * Options for the client; null when no address says `tls://`: then a server that asks for TLS still gets it, with the
 * CAs of the system. With `tls://` a server that does not speak TLS is an error. The certificate must be of the host.
 */
export function natsTls(urls: readonly URL[]): TlsOptions | null {
  const secure = urls.find(({ protocol }) => protocol === 'tls:');
  if (secure === undefined) return null;
  const [caFile, certFile, keyFile] = ['ca', 'cert', 'key'].map((name) => secure.searchParams.get(name));
  return {
    ...(caFile == null ? {} : { caFile }),
    ...(certFile == null ? {} : { certFile }),
    ...(keyFile == null ? {} : { keyFile }),
  };
}
