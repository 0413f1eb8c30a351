/** The agents of a tenant, managed: who may, what is checked, and what of them a node keeps in memory. */
import { canonicalUuid, type PrincipalId, type TenantId } from '../../../domain/ids.ts';
import { limits } from '../../../domain/limits.ts';
import { isManager, type Principal } from '../../../domain/principal.ts';
import { Problem } from '../../../domain/problem.ts';
import type {
  Agents,
  CharacterFields,
  ListedAgent,
  ManagedAgent,
  NewManagedAgent,
} from '../../../ports/agents/agents.ts';
import type { RequestTrace } from '../../../ports/audit.ts';
import type { PrincipalRecord } from '../../../ports/identity/identity-records.ts';
import type { AgentChanges, AgentRecord } from '../../../ports/identity/identity-store.ts';
import { entryOf, noTrace } from '../../audit/audit-trail.ts';
import type { AnnounceChange, IdentityDeps } from '../identity-deps.ts';
import { newPrincipal } from '../new-records.ts';
import { bioOf, changedCharacter, checkedCharacter, nameOf } from './character.ts';

type Deps = Pick<IdentityDeps, 'store' | 'clock' | 'ids'>;

export class ManagedAgents implements Agents {
  readonly #deps: Deps;
  readonly #generation: () => number;
  readonly #announce: AnnounceChange;
  /** Oldest first. */
  readonly #characters = new Map<string, CharacterFields | null>();
  readonly #listeners = new Set<(tenant: TenantId, id: PrincipalId) => void>();

  readonly #onRemoved = new Set<(tenant: TenantId, id: PrincipalId) => void>();

  constructor(deps: Deps, generation: () => number, announce: AnnounceChange) {
    this.#deps = deps;
    this.#generation = generation;
    this.#announce = announce;
  }

  async list(by: Principal): Promise<readonly ListedAgent[] | Problem> {
    const found = await this.#deps.store.agents.agents(by.tenant, limits.agentsListedMax);
    return found instanceof Problem ? found : found.map(toListed);
  }

  async find(by: Principal, id: PrincipalId): Promise<ManagedAgent | Problem> {
    const found = await this.#deps.store.agents.agent(by.tenant, idOf(id));
    if (found instanceof Problem) return found;
    return found === null ? new Problem('not_found') : toManaged(found);
  }

  async create(by: Principal, agent: NewManagedAgent, trace = noTrace): Promise<ManagedAgent | Problem> {
    const { store, clock, ids } = this.#deps;
    const refused = refuseOthers(by);
    if (refused !== null) return refused;
    const character = checkedCharacter(agent.character);
    if (character instanceof Problem) return character;
    const [tenant, name] = [by.tenant, nameOf(character)];
    const id = agent.id === null ? ids.ofText(name) : idOf(agent.id);
    if (id.length === 0 || id.length > limits.principalIdCharsMax)
      return new Problem('invalid_request', 'This is no id.', { fields: [{ path: 'id', reason: 'format' }] });
    const there = await this.find(by, id);
    if (!(there instanceof Problem) || there.code !== 'not_found') return there;
    const createdAt = clock.nowMicros();
    const principal = { ...newPrincipal(tenant, id, 'agent', name, createdAt), bio: bioOf(character) };
    const detail = { display_name: name, is_default_agent: false };
    const audit = entryOf(by, trace, { tenant, action: 'agent.created', subject: id, detail });
    const problem = await store.agents.add(principal, audit, character);
    // Somebody made it at the same moment; or who has this id is no agent.
    if (problem?.reason === 'id_taken') {
      const other = await this.find(by, id);
      return other instanceof Problem ? problem : other;
    }
    if (problem !== null) return problem;
    await this.#announce();
    return toManaged({ principal, character, updatedAt: createdAt });
  }

  async change(
    by: Principal,
    id: PrincipalId,
    changes: CharacterFields,
    trace = noTrace,
  ): Promise<ManagedAgent | Problem> {
    const decide = (target: AgentRecord): AgentChanges | null | Problem => {
      const character = checkedCharacter(changedCharacter(characterOf(target), changes));
      if (character instanceof Problem) return character;
      if (JSON.stringify(character) === JSON.stringify(target.character)) return null;
      return { displayName: nameOf(character), bio: bioOf(character), character };
    };
    const fields = Object.keys(changes).sort().join(' ').slice(0, limits.reasonCharsMax);
    return await this.#change(by, id, decide, { action: 'agent.changed', detail: { fields } }, trace);
  }

  async setRunning(
    by: Principal,
    id: PrincipalId,
    isRunning: boolean,
    trace = noTrace,
  ): Promise<ManagedAgent | Problem> {
    const decide = ({ principal }: AgentRecord): AgentChanges | null =>
      principal.runs === isRunning ? null : { runs: isRunning };
    const action = isRunning ? 'agent.started' : 'agent.stopped';
    return await this.#change(by, id, decide, { action, detail: {} }, trace);
  }

  async remove(by: Principal, id: PrincipalId, trace = noTrace): Promise<Problem | null> {
    const refused = refuseOthers(by);
    if (refused !== null) return refused;
    const [tenant, subject] = [by.tenant, idOf(id)];
    const audit = entryOf(by, trace, { tenant, action: 'agent.deleted', subject });
    const problem = await this.#deps.store.agents.removeAgent(tenant, subject, audit);
    if (problem !== null) return problem;
    this.removed(tenant, subject);
    await this.#announce();
    return null;
  }

  onRemoved(listener: (tenant: TenantId, id: PrincipalId) => void): () => void {
    this.#onRemoved.add(listener);
    return () => this.#onRemoved.delete(listener);
  }

  /** Somebody has deleted the agent on this node. */
  removed(tenant: TenantId, id: PrincipalId): void {
    for (const listener of this.#onRemoved) listener(tenant, id);
  }

  async characterOf(tenant: TenantId, id: PrincipalId): Promise<CharacterFields | null | Problem> {
    const key = keyOf(tenant, id);
    const known = this.#characters.get(key);
    if (known !== undefined) return known;
    const generation = this.#generation();
    const found = await this.#deps.store.agents.character(tenant, id);
    if (found instanceof Problem || generation !== this.#generation()) return found;
    const oldest = this.#characters.keys().next();
    if (this.#characters.size >= limits.charactersCachedMax && oldest.done !== true)
      this.#characters.delete(oldest.value);
    this.#characters.set(key, found);
    return found;
  }

  onChanged(listener: (tenant: TenantId, id: PrincipalId) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Some principal of this id was changed, by whichever node. */
  changed(tenant: TenantId, id: PrincipalId): void {
    this.#characters.delete(keyOf(tenant, id));
    for (const listener of this.#listeners) listener(tenant, id);
  }

  forgetAll(): void {
    this.#characters.clear();
  }

  async #change(
    by: Principal,
    given: PrincipalId,
    decide: (target: AgentRecord) => AgentChanges | null | Problem,
    what: { readonly action: string; readonly detail: Readonly<Record<string, string>> },
    trace: RequestTrace,
  ): Promise<ManagedAgent | Problem> {
    const refused = refuseOthers(by);
    if (refused !== null) return refused;
    const { store, clock } = this.#deps;
    const [tenant, id] = [by.tenant, idOf(given)];
    const entry = entryOf(by, trace, { tenant, subject: id, ...what });
    const changed = await store.agents.changeAgent(tenant, id, clock.nowMicros(), decide, () => entry);
    if (changed instanceof Problem) return changed;
    await this.#announce();
    return toManaged(changed);
  }
}

function refuseOthers(by: Principal): Problem | null {
  return isManager(by)
    ? null
    : new Problem('forbidden', 'Only owners, admins and services of the tenant do this.');
}

function idOf(id: PrincipalId): PrincipalId {
  return canonicalUuid(id) ?? id;
}

function keyOf(tenant: TenantId, id: PrincipalId): string {
  return `${tenant} ${id}`;
}

/** Of an agent that another API made, what is known of it. */
function characterOf({ principal, character }: AgentRecord): CharacterFields {
  const { displayName: name, bio } = principal;
  return character ?? { name, ...(bio === null ? {} : { bio: bio.split('\n') }) };
}

function toListed(record: PrincipalRecord): ListedAgent {
  const { id, displayName: name, bio, isDefaultAgent, createdAt } = record;
  return { id, name, bio, isRunning: record.runs && record.status === 'active', isDefaultAgent, createdAt };
}

function toManaged(record: AgentRecord): ManagedAgent {
  const { principal, updatedAt } = record;
  return { ...toListed(principal), character: characterOf(record), updatedAt };
}
