import { type Static, Type } from '@sinclair/typebox';
import { exampleValues as example } from '../../../../contract/examples/values.ts';
import { limits } from '../../../../domain/limits.ts';
import { ContentType, Message, nullable } from '../wire.ts';

const Seq = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER - 1 });

export const SearchQuery = Type.Object({
  q: Type.String({
    description: '1-256 code points. All words must be there; "a phrase", -not, or',
    examples: ['harbour'],
  }),
  conversation_id: Type.Optional(Type.String()),
  before_seq: Type.Optional(Seq),
  sender_id: Type.Optional(Type.String({ minLength: 1, maxLength: limits.principalIdCharsMax })),
  content_type: Type.Optional(ContentType),
  after: Type.Optional(Type.String({ description: 'RFC 3339; exclusive', examples: [example.at] })),
  before: Type.Optional(Type.String({ description: 'RFC 3339; exclusive', examples: [example.at] })),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: limits.searchPageMax })),
  cursor: Type.Optional(Type.String({ maxLength: 1024 })),
});
export type SearchQuery = Static<typeof SearchQuery>;

export const SearchBody = Type.Object({
  results: Type.Array(
    Type.Object({
      message: Message,
      snippet: Type.String({
        description: 'HTML: at most 200 code points of the text',
        examples: ['The <mark>harbour</mark> is closed.'],
      }),
    }),
  ),
  next_cursor: nullable(Type.String(), { examples: [null] }),
});
