/** Shapes that all groups of routes share (eliza.md §1). Each group has its own beside its routes. */
import { type TSchema, Type } from '@sinclair/typebox';

/** Any version, any variant, the nil UUID too; case counts for nothing. */
export const Uuid = Type.String({
  format: 'uuid',
  examples: ['6185c440-4f7b-4dcd-b51f-9da59fb92dab'],
});

/** The message server that is there without anybody having made it: what belongs to no other belongs to it. */
export const defaultServer = '00000000-0000-0000-0000-000000000000';

/** Upstream takes 2 MB of JSON, whatever the route. */
export const elizaBodyBytesMax = 2_097_152;

/** E1: agents, memory, rooms, audio, runs, logs. */
export const CodedError = Type.Object({
  success: Type.Literal(false),
  error: Type.Object({ code: Type.String(), message: Type.String(), details: Type.Optional(Type.Unknown()) }),
});
/** E2: messaging. */
export const TextError = Type.Object({
  success: Type.Literal(false),
  error: Type.String(),
  details: Type.Optional(Type.Unknown()),
});
/** E3: sessions. */
export const SessionError = Type.Object({
  error: Type.Object({
    code: Type.String(),
    message: Type.String(),
    timestamp: Type.String({ format: 'date-time' }),
    details: Type.Optional(Type.Unknown()),
  }),
});
/** E4: whatever never reached a route. */
export const ServerError = Type.Object({
  success: Type.Literal(false),
  error: Type.Object({ message: Type.String(), code: Type.Integer() }),
});
/** Of uploaded files, which stand outside of upstream's API. */
export const BareError = Type.Object({ error: Type.String() });
/** E5: nobody valid asks. */
export const KeyError = Type.Object({ error: Type.String(), message: Type.String() });

/** What a group of routes refuses with: its own body, or one of those that all share. */
export function refusalOf<Own extends TSchema>(own: Own) {
  return Type.Union([own, CodedError, ServerError, KeyError]);
}
