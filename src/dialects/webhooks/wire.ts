/** Bodies of the webhook routes. */
import { type Static, type TSchema, Type } from '@sinclair/typebox';
import { exampleValues as example } from '../../contract/examples/values.ts';
import { type EventType, eventData } from '../../domain/event.ts';
import { limits } from '../../domain/limits.ts';
import { WebhookStatus } from '../../domain/webhook.ts';

const nullable = <S extends TSchema>(schema: S) => Type.Union([schema, Type.Null()]);
const Shown = (...examples: readonly unknown[]) => Type.String({ examples });
const Id = Type.String({ minLength: 1, maxLength: limits.principalIdCharsMax });

export const ErrorBody = Type.Object(
  {
    problem: Type.Object({
      code: Type.String(),
      message: Type.String(),
      retry_after_ms: Type.Optional(Type.Integer()),
      fields: Type.Optional(Type.Array(Type.Object({ path: Type.String(), reason: Type.String() }))),
    }),
  },
  { title: 'WebhookProblem' },
);

const TypeName = Type.Union((Object.keys(eventData) as EventType[]).map((type) => Type.Literal(type)));
const Types = Type.Array(TypeName, {
  maxItems: Object.keys(eventData).length,
  description: 'Types of events; empty: all',
});
const Url = Type.String({ minLength: 1, maxLength: limits.webhookUrlCharsMax });
const Description = Type.String({ maxLength: limits.webhookDescriptionCharsMax });
const Conversation = Type.Union([Id, Type.Null()], {
  description: 'Only of this conversation; null: of all',
});
const Service = Type.Union([Id, Type.Null()], {
  description: 'Only of conversations that belong to this service; null: of all',
});

export const NewWebhookRequest = Type.Object(
  {
    url: Url,
    description: Type.Optional(Description),
    types: Type.Optional(Types),
    conversation_id: Type.Optional(Conversation),
    service_id: Type.Optional(Service),
  },
  { title: 'NewWebhook' },
);

export const ChangeWebhookRequest = Type.Object(
  {
    url: Type.Optional(Url),
    description: Type.Optional(Description),
    types: Type.Optional(Types),
    conversation_id: Type.Optional(Conversation),
    service_id: Type.Optional(Service),
    status: Type.Optional(Type.Union([Type.Literal('active'), Type.Literal('paused')])),
  },
  { title: 'ChangeWebhook' },
);
export type ChangeWebhookRequest = Static<typeof ChangeWebhookRequest>;

const time = Type.String({ format: 'date-time', examples: [example.at] });
const Time = nullable(time);

export const WebhookBody = Type.Object(
  {
    id: Shown(example.event),
    url: Shown('https://hooks.example.org/parley'),
    description: Shown('to the archive'),
    types: Type.Array(TypeName, { examples: [['message.posted', 'message.edited']] }),
    conversation_id: Type.Union([Type.String(), Type.Null()], { examples: [null] }),
    service_id: Type.Union([Type.String(), Type.Null()], { examples: [null] }),
    status: WebhookStatus,
    disabled_reason: Type.Union([Type.String(), Type.Null()], {
      description: '`gone` (it answered 410), `failing` (for five days) or `backlog`',
      examples: [null],
    }),
    created_at: time,
    created_by: Shown(example.user),
    previous_secret_until: Type.Union([time, Type.Null()], {
      description: 'Until when the former secret signs as well',
      examples: [null],
    }),
    failing_since: Type.Union([time, Type.Null()], { examples: [null] }),
    last_success_at: Time,
    last_failure: Type.Union(
      [
        Type.Object({
          at: time,
          status: nullable(Type.Integer({ examples: [500] })),
          reason: Shown('status'),
        }),
        Type.Null(),
      ],
      { examples: [null] },
    ),
  },
  { title: 'Webhook' },
);
export type WebhookBody = Static<typeof WebhookBody>;

const secret = Type.String({
  description: 'Shown once. What comes after `whsec_` is the key of the HMAC in base64',
  examples: ['whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'],
});

export const WebhookAnswer = Type.Object({ webhook: WebhookBody });
export const WebhookRead = Type.Object({
  webhook: WebhookBody,
  waiting: Type.Union([Type.Integer({ minimum: 0 }), Type.Null()], {
    description: 'Deliveries that wait for it; null: that cannot be told now',
    examples: [0],
  }),
});
export const WebhookWithSecret = Type.Object({ webhook: WebhookBody, secret });
export const WebhookList = Type.Object({ webhooks: Type.Array(WebhookBody) });

export const RotateRequest = Type.Object(
  {
    overlap_sec: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: limits.webhookSecretOverlapSecMax,
        description: 'How long the former secret signs as well; default: a day',
      }),
    ),
  },
  { title: 'RotateWebhookSecret' },
);

export const TestAnswer = Type.Object({
  delivered: Type.Boolean({ examples: [true] }),
  status: nullable(Type.Integer({ examples: [204] })),
  reason: Type.Union([Type.String(), Type.Null()], {
    description: '`status`, `unreachable`, `timeout`, `private_address` or `secret_lost`; null: delivered',
    examples: [null],
  }),
  duration_ms: Type.Integer({ minimum: 0, examples: [41] }),
});

export const DeadLetterBody = Type.Object(
  {
    id: Type.String({
      description: 'Of the event, and `webhook-id` of its delivery',
      examples: [example.event],
    }),
    conversation_id: Shown(example.conversation),
    position: Type.Integer({ minimum: 1, examples: [7] }),
    type: TypeName,
    attempts: Type.Integer({ minimum: 1, examples: [151] }),
    last_status: nullable(Type.Integer({ examples: [500] })),
    reason: Shown('status'),
    died_at: time,
  },
  { title: 'WebhookDeadLetter' },
);
export type DeadLetterBody = Static<typeof DeadLetterBody>;

export const DeadLetterPage = Type.Object({
  dead_letters: Type.Array(DeadLetterBody),
  next_cursor: Type.Union([Type.String(), Type.Null()], { examples: [null] }),
});
export const PageParameters = Type.Object({
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: limits.listPageMax, description: 'Default 50' })),
  cursor: Type.Optional(
    Type.String({ pattern: '^[1-9]\\d{0,15}_[0-9a-f-]{36}$', description: 'The former `next_cursor`' }),
  ),
});

export const RedeliveredAnswer = Type.Object({
  redelivered: Type.Integer({ minimum: 0, description: 'Put into the queue again', examples: [1] }),
});

export const WebhookPath = Type.Object({ id: Id });
export const DeadLetterPath = Type.Object({ id: Id, letter: Id });
