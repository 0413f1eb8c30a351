/** Settings of a tenant: one sealed text, which only those see who may change it. */
import type { TenantId } from '../../domain/ids.ts';
import { limits } from '../../domain/limits.ts';
import { isManager } from '../../domain/principal.ts';
import { type FieldError, Problem } from '../../domain/problem.ts';
import { settingNames } from '../../domain/setting-names.ts';
import type {
  SettingValues,
  TenantSettingStore,
  TenantSettings,
} from '../../ports/agents/tenant-settings.ts';
import type { Clock } from '../../ports/clock.ts';
import { entryOf } from '../audit/audit-trail.ts';
import type { Place, Sealer } from '../sealing/sealer.ts';

export interface TenantSettingsDeps {
  readonly store: TenantSettingStore;
  readonly sealer: Pick<Sealer, 'sealText' | 'opener'>;
  readonly clock: Pick<Clock, 'nowMicros'>;
}

export function openTenantSettings({ store, sealer, clock }: TenantSettingsDeps): TenantSettings {
  return {
    async read(by) {
      if (!isManager(by)) return new Problem('forbidden');
      const sealed = await store.read(by.tenant);
      if (sealed === null) return {};
      if (sealed instanceof Problem) return sealed;
      const opener = await sealer.opener(refOf(by.tenant), [sealed]);
      if (opener instanceof Problem) return opener;
      const opened = opener.text(sealed, place);
      // Whoever erased the keys of the tenant erased its settings with them.
      return typeof opened === 'string' ? {} : (JSON.parse(opened.text) as SettingValues);
    },

    async replace(by, values, trace) {
      if (!isManager(by)) return new Problem('forbidden');
      const strange = strangeFields(values);
      if (strange.length > 0) {
        const [{ path, reason }] = strange as [FieldError];
        const why = reason === 'unknown' ? 'is no setting that can be kept here' : 'is too long';
        return new Problem('invalid_request', `${path} ${why}.`, {
          fields: strange.slice(0, limits.fieldErrorsMax),
        });
      }
      const sealed = await sealer.sealText(refOf(by.tenant), place, JSON.stringify(values));
      if (sealed instanceof Problem) return sealed;
      // Names are told, values never.
      const detail = { names: Object.keys(values).sort().join(' ') };
      const what = { tenant: by.tenant, action: 'settings.replaced', subject: by.tenant, detail };
      return await store.replace(by.tenant, sealed, clock.nowMicros(), entryOf(by, trace, what));
    },
  };
}

function strangeFields(values: SettingValues): FieldError[] {
  return Object.entries(values).flatMap(([name, value]): FieldError[] => {
    if (!settingNames.has(name))
      return [{ path: name.slice(0, limits.fieldPathCharsMax), reason: 'unknown' }];
    const limit = limits.settingValueCharsMax;
    return value.length > limit ? [{ path: name, reason: 'maxLength', limit }] : [];
  });
}

/** Sealed texts belong to a conversation; this one belongs to none, and opens nowhere else. */
const refOf = (tenant: TenantId) => ({ tenant, service: null, conversation: 'tenant-settings' });
const place: Place = ['all', 'tenant-settings'];
