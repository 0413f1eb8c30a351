/** Speech in the words of this API (eliza.md §4 and §6). */
import { Type } from '@sinclair/typebox';
import { Bytes } from '../../../contract/files/bytes.ts';
import { limits } from '../../../domain/limits.ts';
import { Uuid } from '../wire.ts';

export const ByAgent = Type.Object({ agentId: Uuid });

const Text = Type.String({
  maxLength: limits.spokenCharsMax,
  examples: ['The ship leaves the harbour at noon.'],
});

/** Clients send a voice and more, of which nothing is taken. */
export const SpeakRequest = Type.Object({ text: Text });

export const SynthesizeRequest = Type.Object(
  {
    text: Type.Optional(Text),
    messageId: Type.Optional(
      Type.String({
        format: 'uuid',
        description: 'Instead: the message whose text is said; then the answer is JSON',
        examples: ['a0000000-0000-4000-8000-000000000007'],
      }),
    ),
  },
  { examples: [{ text: 'The ship leaves the harbour at noon.' }] },
);

export const RecordingRequest = Type.Object({
  file: Type.Unsafe<string>({ ...Bytes, description: 'A recording of at most 50 MB and 300 seconds' }),
});

export const TalkRequest = Type.Object({
  text: Type.String({ examples: ['When does the ship leave?'] }),
  roomId: Type.Optional(Type.String({ format: 'uuid', description: 'The channel; else one for both alone' })),
  entityId: Type.Optional(Type.String({ format: 'uuid', description: 'Who says it; else the caller' })),
  userName: Type.Optional(Type.String({ maxLength: limits.nameCharsMax })),
  name: Type.Optional(Type.String({ maxLength: limits.nameCharsMax })),
});
/** The same fields as texts, beside the recording. */
export const TalkForm = Type.Object({
  ...RecordingRequest.properties,
  roomId: Type.Optional(Type.String({ format: 'uuid' })),
  entityId: Type.Optional(Type.String({ format: 'uuid' })),
});

export const Transcription = Type.Object({
  success: Type.Literal(true),
  data: Type.Object({ text: Type.String({ examples: ['when does the ship leave'] }) }),
});

export const AudioMessage = Type.Object({
  success: Type.Literal(true),
  data: Type.Object({
    transcription: Type.String({ examples: ['when does the ship leave'] }),
    message: Type.String({ description: 'What the agent answers', examples: ['At noon.'] }),
  }),
});

/** As text a browser cannot be made to run. */
export const Spoken = Type.Union([
  Bytes,
  Type.Object({
    success: Type.Literal(true),
    data: Type.Object({
      audio: Type.String({ description: 'In base64' }),
      format: Type.String({ description: 'wav or mpeg' }),
    }),
  }),
]);
