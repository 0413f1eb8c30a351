/** `parley admin rotate-keys` and `rewrap`: the keys that sign tokens, and the master key that wraps them. */
import { Command } from 'commander';
import { rewrapKeys, rotateKeys } from '../../adapters/jose/rotate-keys.ts';
import { rewrapDataKeys } from '../../core/sealing/rewrap-data-keys.ts';
import type { AuditEntry } from '../../ports/audit.ts';
import { Failure } from '../failure.ts';
import { explain } from '../help.ts';
import { print, printJson } from '../output.ts';
import { type Database, done, entryOfCommand, onDatabase } from './database.ts';

type RotateOptions = { readonly revokeNow?: boolean; readonly json?: boolean };

export function rotateKeysCommand(): Command {
  const command = new Command('rotate-keys')
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
  return explain(command, {
    json: '`{"kid","former_kid","revoked"}`.',
    examples: [
      ['admin rotate-keys', 'regularly: nobody notices'],
      [
        'admin rotate-keys --revoke-now',
        'after a leak: every access token ends, sessions and API keys do not',
      ],
    ],
  });
}

export function rewrapCommand(): Command {
  const command = new Command('rewrap')
    .description('wrap every stored key with a new PARLEY_MASTER_KEY')
    .option('--json', 'print how many keys were wrapped anew as JSON')
    .action(async ({ json }: { json?: boolean }) => {
      const [signing, data] = await onDatabase(rewrapAll);
      if (json === true) printJson({ signing_keys: signing, data_keys: data });
      else if (signing + data === 0) print('nothing to do');
      else print(`wrapped anew: ${signing} signing keys, ${data} data keys of tenants`);
    });
  return explain(command, {
    notes: [
      'First restart the nodes with the new key in PARLEY_MASTER_KEY and the former one in PARLEY_MASTER_KEY_PREVIOUS, then run this with both; then the former one can go. Keys that nothing wrapped are wrapped, too.',
    ],
    json: '`{"signing_keys","data_keys"}`: how many were wrapped.',
    examples: [['admin rewrap', 'with both variables set']],
  });
}

async function rewrapAll({ signingKeys: store, dataKeys, audit, wrap }: Database): Promise<[number, number]> {
  if (wrap === null) throw new Failure('set PARLEY_MASTER_KEY to the new master key', 2);
  const entry = (action: string, keys: number): AuditEntry =>
    entryOfCommand('rewrap', { tenant: null, action, subject: null, detail: { keys } });
  const signing = done(await rewrapKeys({ store, wrap }, (keys) => entry('signing_keys.rewrapped', keys)));
  const data = done(await rewrapDataKeys(dataKeys, wrap));
  if (data > 0) done(await audit.record(entry('data_keys.rewrapped', data)));
  return [signing, data];
}
