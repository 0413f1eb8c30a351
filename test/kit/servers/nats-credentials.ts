/** Parley's own credentials for nats-servers of tests: keys of this process, passwords that all processes know. */
import {
  type NatsCredentials,
  natsUsers,
  newNatsCredentials,
  parseNatsCredentials,
} from '../../../src/adapters/jetstream/door/nats-credentials.ts';

export const testPassword = 'not-a-secret';

/** Text of a credentials file, and what it says. */
export function makeTestCredentials(): { readonly text: string; readonly credentials: NatsCredentials } {
  const passwords = Object.fromEntries(natsUsers.map((user) => [user, testPassword]));
  const text = JSON.stringify({ ...JSON.parse(newNatsCredentials()), ...passwords });
  const credentials = parseNatsCredentials(text);
  if (credentials === null) throw new Error('these credentials cannot be read back');
  return { text, credentials };
}
