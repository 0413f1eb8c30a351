/** Bodies of uploads (vero.md §7). */
import { Type } from '@sinclair/typebox';
import { exampleValues as example } from '../../../../contract/examples/values.ts';
import { limits } from '../../../../domain/limits.ts';
import { Time } from '../wire.ts';

export const UploadRequest = Type.Object({
  filename: Type.String({
    description: '1-255 code points; path separators and control characters are removed',
    examples: ['harbour.png'],
  }),
  content_type: Type.String({
    description:
      'image/*, audio/*, video/*, application/pdf, text/plain, application/zip or application/octet-stream',
    examples: ['image/png'],
  }),
  size_bytes: Type.Integer({ minimum: 1, maximum: limits.mediaBytesMax, examples: [48_213] }),
  conversation_id: Type.Optional(
    Type.String({ description: 'Where it will be sent to', examples: [example.conversation] }),
  ),
});

export const UploadGrant = Type.Object({
  media_id: Type.String({ examples: [example.event] }),
  upload_url: Type.String({
    description: 'Signed; needs no bearer. Of this node, or of the S3-compatible store',
    examples: ['https://parley.example.com/v1/chat/media/…'],
  }),
  method: Type.Literal('PUT'),
  headers: Type.Record(Type.String(), Type.String(), {
    description: 'To be sent with the bytes',
    examples: [{ 'Content-Type': 'image/png' }],
  }),
  expires_at: Time,
  max_bytes: Type.Integer({ examples: [48_213] }),
});

export const Uploaded = Type.Object({
  media_id: Type.String({ examples: [example.event] }),
  size_bytes: Type.Integer({ description: 'As they came', examples: [48_213] }),
});

export const ConfirmRequest = Type.Object({
  message_id: Type.Optional(
    Type.String({
      description: "The caller's own message that it is attached to",
      examples: [example.message],
    }),
  ),
});

const Signed = {
  tenant: Type.Optional(Type.String()),
  expires: Type.Optional(Type.String({ description: 'Unix time in seconds' })),
  signature: Type.Optional(Type.String({ description: 'HMAC over all that the URL says' })),
};
export const UploadParameters = Type.Object({
  ...Signed,
  type: Type.Optional(Type.String()),
  size: Type.Optional(Type.String()),
});
export const ReadParameters = Type.Object({ ...Signed, message: Type.Optional(Type.String()) });
export const ById = Type.Object({ id: Type.String() });
