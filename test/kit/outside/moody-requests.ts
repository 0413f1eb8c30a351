import { openHttpRequests } from '../../../src/adapters/outbound-http/http-requests.ts';
import type { HttpRequests } from '../../../src/ports/http/http-requests.ts';
import type { Teardown } from '../temporary.ts';
import type { MoodyServer } from './moody-server.ts';

/** Longer than a busy machine stands still. */
const patientMs = 25_000;
/** A test waits as long for each request that is not answered. */
const hastyMs = 500;

/** Requests to servers of a test: patient with one that answers, however late, and soon done with one that is silent. */
export function openMoodyRequests(
  t: Teardown,
  ...servers: readonly Pick<MoodyServer, 'mood'>[]
): HttpRequests {
  const [patient, hasty] = [
    openHttpRequests({ timeoutMs: patientMs }),
    openHttpRequests({ timeoutMs: hastyMs }),
  ];
  t.teardown(() => {
    patient.close();
    hasty.close();
  });
  const isSilent = (): boolean => servers.some((server) => server.mood() === 'silent');
  return { send: (request) => (isSilent() ? hasty : patient).send(request) };
}
