/** Runs alone: it compares times. */
import t from 'tap';
import { named, signup, startIdentity } from '../../kit/identity.ts';

const samples = 31;

/** The median is what an attacker would compare, and what a busy machine moves least. */
function median(values: number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

/**
 * One hash takes about 25 ms, everything else of a login 2 ms at most: an answer without a hash would come at
 * a tenth of the time. The bounds are far from that and from equal, so that no busy machine fails it.
 */
t.test('an unknown address is refused as late as a wrong password', async (t) => {
  const { identity } = await startIdentity(t);
  await signup(identity, 'ada@example.org');
  const refused = async (email: string): Promise<number> => {
    const since = performance.now();
    const answer = await identity.signIn.login(email, 'wrong password');
    const took = performance.now() - since;
    t.equal(named(answer), 'unauthenticated/invalid_credentials');
    return took;
  };
  const [known, unknown]: [number[], number[]] = [[], []];
  for (let n = 0; n < samples; n += 1) {
    known.push(await refused('ada@example.org'));
    unknown.push(await refused(`nobody-${n}@example.org`));
  }
  const ratio = median(unknown) / median(known);
  t.ok(ratio > 0.5 && ratio < 2, `${median(unknown).toFixed(1)} ms against ${median(known).toFixed(1)} ms`);
});
