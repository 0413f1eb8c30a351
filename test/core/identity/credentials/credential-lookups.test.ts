import t from 'tap';
import { CredentialLookups } from '../../../../src/core/identity/credentials/credential-lookups.ts';
import { unauthenticated } from '../../../../src/core/identity/credentials/principal-of.ts';
import type { Principal } from '../../../../src/domain/principal.ts';
import { Problem } from '../../../../src/domain/problem.ts';
import { MovedClock } from '../../../kit/memory/moved-clock.ts';
import { silentLogger } from '../../../kit/memory/silent-logger.ts';
import { principal } from '../../../kit/servers/core-node.ts';

t.test(
  'what was verified before everything was forgotten is verified anew, and not remembered',
  async (t) => {
    let tell = (_: Principal | Problem): void => undefined;
    const first = new Promise<Principal | Problem>((resolve) => {
      tell = resolve;
    });
    const answers = [first, Promise.resolve(unauthenticated('invalid'))];
    const lookups = new CredentialLookups({
      clock: new MovedClock(),
      log: silentLogger(),
      generation: () => 7,
      find: () => answers.shift() ?? Promise.resolve(new Problem('internal')),
    });
    const looked = lookups.lookUp('a token of a key that leaked', 'bearer');
    lookups.forgetAll();
    tell(principal('acme', 'ada'));
    t.match(await looked, { code: 'unauthenticated' });
    t.equal(lookups.known('a token of a key that leaked'), null);
  },
);
