/** Who is who in the workspace, and how they are. */
import { signal } from '@preact/signals';
import type { Account } from '../session/account.ts';
import type { Requests } from '../session/requests.ts';

export type Status = 'online' | 'away' | 'busy' | 'offline';

export interface Person {
  readonly id: string;
  readonly name: string;
  readonly isAgent: boolean;
  readonly status: Status;
  readonly title: string | null;
}

/** As the people routes answer. */
interface Row {
  readonly id?: string;
  readonly user_id?: string;
  readonly display_name: string;
  readonly is_agent: boolean;
  readonly status?: Status;
  readonly job_title?: string;
}

interface Page {
  readonly users?: readonly Row[];
  readonly agents?: readonly Row[];
  readonly participants?: readonly Row[];
  readonly next_cursor?: string | null;
}

/** Beyond it people are known only once they share a conversation that was opened. */
const pagesMax = 5;

export class Directory {
  readonly people = signal<ReadonlyMap<string, Person>>(new Map());
  readonly #requests: Requests;

  constructor(requests: Requests, { id, name, kind }: Account) {
    this.#requests = requests;
    const isAgent = kind === 'agent';
    this.people.value = new Map([[id, { id, name, isAgent, status: 'online', title: null }]]);
  }

  /** Reads people and agents. Rejects with a RequestProblem. */
  async load(): Promise<void> {
    await Promise.all([this.#loadAgents(), this.#loadPeople()]);
  }

  async #loadAgents(): Promise<void> {
    this.#add((await this.#requests.send<Page>('GET', '/v1/chat/agents')).agents ?? []);
  }

  async #loadPeople(): Promise<void> {
    let cursor: string | null = null;
    for (let page = 0; page < pagesMax; page += 1) {
      const from: string = cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`;
      const found: Page = await this.#requests.send<Page>('GET', `/v1/chat/users?limit=200${from}`);
      this.#add(found.users ?? []);
      cursor = found.next_cursor ?? null;
      if (cursor === null) break;
    }
  }

  /** The names of those who take part, services among them, which are in no list. */
  async loadParticipants(conversation: string): Promise<void> {
    const path = `/v1/chat/conversations/${encodeURIComponent(conversation)}/participants?limit=500`;
    this.#add((await this.#requests.send<Page>('GET', path)).participants ?? []);
  }

  setStatus(id: string, status: string): void {
    const person = this.people.value.get(id);
    if (person === undefined || person.status === status || !isStatus(status)) return;
    this.people.value = new Map(this.people.value).set(id, { ...person, status });
  }

  /** The name that people read; of somebody unknown the beginning of the id. */
  readonly nameOf = (id: string): string => {
    const name = this.people.value.get(id)?.name;
    if (name !== undefined && name !== '') return name;
    return /^[0-9a-f-]{36}$/i.test(id) ? `…${id.slice(-6)}` : id;
  };

  #add(rows: readonly Row[]): void {
    if (rows.length === 0) return;
    const people = new Map(this.people.value);
    for (const row of rows) {
      const id = row.id ?? row.user_id ?? '';
      people.set(id, {
        id,
        name: row.display_name,
        isAgent: row.is_agent,
        status: row.status ?? people.get(id)?.status ?? 'offline',
        title: row.job_title ?? people.get(id)?.title ?? null,
      });
    }
    this.people.value = people;
  }
}

function isStatus(status: string): status is Status {
  return status === 'online' || status === 'away' || status === 'busy' || status === 'offline';
}
