/** Bodies about people and agents (vero.md §3 and §6): nothing of them tells an address or a phone number. */
import { type Static, Type } from '@sinclair/typebox';
import { exampleValues as example } from '../../../../contract/examples/values.ts';
import { limits } from '../../../../domain/limits.ts';
import { nullable, Time } from '../wire.ts';

const Shown = (...examples: readonly unknown[]) => Type.String({ examples });

const presenceStatuses = ['online', 'away', 'busy', 'offline'] as const;
export const PresenceStatus = Type.Union(presenceStatuses.map((status) => Type.Literal(status)));

export const Person = Type.Object(
  {
    id: Shown(example.user),
    display_name: Shown(example.person),
    is_agent: Type.Boolean({ examples: [false] }),
    status: PresenceStatus,
    bio: Type.Optional(Type.String()),
    avatar_url: Type.Optional(Type.String()),
    last_seen: Type.Optional(Time),
    job_title: Type.Optional(Shown('Captain')),
    is_default_agent: Type.Optional(Type.Boolean({ description: 'Of agents', examples: [true] })),
  },
  { title: 'Person' },
);
export type Person = Static<typeof Person>;

export const PeopleQuery = Type.Object({
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: limits.listPageMax })),
  cursor: Type.Optional(Type.String({ maxLength: 1024 })),
});
export const PeopleBody = Type.Object({
  users: Type.Array(Person),
  next_cursor: nullable(Type.String(), { examples: [null] }),
});

export const PeopleSearchQuery = Type.Object({
  q: Type.String({ description: '2-80 code points: how a word of the name begins, or a whole phone number' }),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: limits.listPageMax })),
});
export const FoundPeopleBody = Type.Object({ users: Type.Array(Person) });
export const AgentsBody = Type.Object({ agents: Type.Array(Person) });

export const BlockBody = Type.Object({ user_id: Shown(example.event), created_at: Time });
export const BlocksBody = Type.Object({ blocked: Type.Array(BlockBody) });
