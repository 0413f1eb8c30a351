import { Type } from '@sinclair/typebox';
import { type EventType, eventData, PrincipalKindSchema } from '../event.ts';

const Id = Type.String({ minLength: 1 });

/** TypeBox schema of the envelope around each type's data, for AsyncAPI and the documents. */
export const EventSchema = Type.Union(
  (Object.keys(eventData) as EventType[]).map((type) =>
    Type.Object(
      {
        v: Type.Literal(1),
        id: Id,
        conversation: Id,
        position: Type.Integer({ minimum: 1 }),
        seq: Type.Union([Type.Integer({ minimum: 1 }), Type.Null()]),
        type: Type.Literal(type),
        at: Type.String({ format: 'date-time' }),
        actor: Type.Object({ id: Id, kind: PrincipalKindSchema }),
        client_id: Type.Optional(Type.String()),
        run: Type.Optional(Type.String()),
        trace: Type.Optional(Type.String()),
        data: eventData[type],
      },
      { title: type },
    ),
  ),
);
