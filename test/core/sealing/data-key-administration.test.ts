import t from 'tap';
import { dataKeyAdministrationOver } from '../../../src/core/sealing/data-key-administration.ts';
import type { DataKeys } from '../../../src/core/sealing/data-keys.ts';
import type { AuditEntry } from '../../../src/ports/audit.ts';
import { silentLogger } from '../../kit/memory/silent-logger.ts';
import { principal } from '../../kit/servers/core-node.ts';

const trace = { address: null, requestId: null };
const root = { ...principal('platform', 'root'), superAdmin: true };

t.test(
  'an administrator of the platform makes and destroys keys of tenants that there are only',
  async (t) => {
    const touched: string[] = [];
    const keys = {
      rotate: async (tenant: string) => touched.push(`rotate ${tenant}`),
      erase: async (tenant: string) => touched.push(`erase ${tenant}`),
    } as Pick<DataKeys, 'rotate' | 'erase'> as DataKeys;
    const entries: AuditEntry[] = [];
    const administration = dataKeyAdministrationOver({
      sealing: { keys, changed: () => undefined },
      directory: { hasTenant: async (tenant) => tenant === 'acme' },
      link: { tell: () => undefined },
      audit: {
        record: async (entry) => {
          entries.push(entry);
          return null;
        },
      },
      logger: silentLogger(),
    });
    t.match(await administration.rotate(root, 'acne', trace), { code: 'not_found' });
    t.match(await administration.erase(root, 'acne', trace), { code: 'not_found' });
    t.same([touched, entries], [[], []]);
    t.same(await administration.rotate(root, 'acme', trace), { version: 1 });
    t.same(await administration.erase(root, 'platform', trace), { erased: 2 });
    t.same(touched, ['rotate acme', 'erase platform']);
  },
);
