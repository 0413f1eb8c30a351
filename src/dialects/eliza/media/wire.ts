/** Uploads, and the URLs that they are read by (eliza.md §4). */
import { Type } from '@sinclair/typebox';
import { Bytes } from '../../../contract/files/bytes.ts';
import { Uuid } from '../wire.ts';

const name = '1795212000000-0193f000-0000-7000-8000-000000000001.png';

export const ByAgent = Type.Object({ agentId: Uuid });
export const ByChannel = Type.Object({ channelId: Uuid });

export const UploadRequest = Type.Object({
  file: Type.Unsafe<string>({ ...Bytes, description: 'One file of at most 50 MB' }),
});

function uploaded(type: string, description: string) {
  return Type.Object({
    success: Type.Literal(true),
    data: Type.Object({
      url: Type.String({
        description: 'Path and query; signed: it needs no credential for 30 days',
        examples: [`/media/uploads/agents/6185c440-4f7b-4dcd-b51f-9da59fb92dab/${name}?tenant=…`],
      }),
      type: Type.String({ description, examples: [type] }),
      filename: Type.String({ description: 'The name in the URL', examples: [name] }),
      originalName: Type.String({ examples: ['harbour.png'] }),
      size: Type.Integer({ description: 'Bytes', examples: [48_213] }),
    }),
  });
}
export const UploadedForAgent = uploaded('image', 'image, video, audio or document');
export const UploadedForChannel = uploaded('image/png', 'As declared');

export const ByFile = Type.Object({ id: Uuid, file: Type.String({ examples: [name] }) });
export const SignedParameters = Type.Object({
  tenant: Type.Optional(Type.String()),
  expires: Type.Optional(Type.String({ description: 'Unix time in seconds' })),
  signature: Type.Optional(Type.String({ description: 'HMAC over all that the URL says' })),
});
