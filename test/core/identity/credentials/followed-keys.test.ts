import t from 'tap';
import { FollowedKeys } from '../../../../src/core/identity/credentials/followed-keys.ts';
import { MovedClock } from '../../../kit/memory/moved-clock.ts';
import { silentLogger } from '../../../kit/memory/silent-logger.ts';

t.test('a read that began before a revocation was told does not end it', async (t) => {
  const done: (() => void)[] = [];
  const keys = { reload: () => new Promise<null>((resolve) => done.push(() => resolve(null))) };
  let revoked = 0;
  const onRevoked = (): void => {
    revoked += 1;
  };
  const followed = new FollowedKeys({ keys, clock: new MovedClock(), log: silentLogger(), onRevoked });
  const before = followed.changed('changed');
  const revocation = followed.changed('revoked');
  done[0]?.();
  await before;
  t.equal(revoked, 0, 'the revoked key may still verify');
  done[1]?.();
  await revocation;
  t.equal(revoked, 1);
});
