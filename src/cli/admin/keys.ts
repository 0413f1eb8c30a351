/** `parley admin rotate-keys` and `rewrap`: the keys that sign tokens, and the master key that wraps them. */
import { Command } from 'commander';
import { rewrapKeys, rotateKeys } from '../../adapters/jose/rotate-keys.ts';
import { Failure } from '../failure.ts';
import { print, printJson } from '../output.ts';
import { done, entryOfCommand, onDatabase } from './database.ts';

type RotateOptions = { readonly revokeNow?: boolean; readonly json?: boolean };

export function rotateKeysCommand(): Command {
  return new Command('rotate-keys')
    .description('sign with a new key from now on; the former one verifies until its tokens have expired')
    .option('--revoke-now', 'the former keys verify nothing any more: people sign in again or refresh')
    .option('--json', 'print the ids of both keys as JSON')
    .action(async ({ revokeNow: isRevoking = false, json }: RotateOptions) => {
      const keys = await onDatabase(async ({ signingKeys: store, wrap, clock }) =>
        done(
          await rotateKeys({ store, clock, wrap }, isRevoking, ({ kid, formerKid }) =>
            entryOfCommand('rotate-keys', {
              tenant: null,
              action: isRevoking ? 'signing_keys.revoked' : 'signing_keys.rotated',
              subject: kid,
              detail: { former_kid: formerKid },
            }),
          ),
        ),
      );
      if (json === true) printJson({ kid: keys.kid, former_kid: keys.formerKid, revoked: isRevoking });
      else print(`signing with ${keys.kid}${isRevoking ? ', nothing before it counts' : ''}`);
    });
}

export function rewrapCommand(): Command {
  return new Command('rewrap')
    .description(
      'wrap every stored key by PARLEY_MASTER_KEY that PARLEY_MASTER_KEY_PREVIOUS, or nothing, wrapped',
    )
    .option('--json', 'print how many keys were wrapped anew as JSON')
    .action(async ({ json }: { json?: boolean }) => {
      const count = await onDatabase(async ({ signingKeys: store, wrap }) => {
        if (wrap === null) throw new Failure('set PARLEY_MASTER_KEY to the new master key', 2);
        const what = { tenant: null, action: 'signing_keys.rewrapped', subject: null };
        return done(
          await rewrapKeys({ store, wrap }, (keys) =>
            entryOfCommand('rewrap', { ...what, detail: { keys } }),
          ),
        );
      });
      if (json === true) printJson({ signing_keys: count });
      else print(count === 0 ? 'nothing to do' : `${count} signing keys wrapped anew`);
    });
}
