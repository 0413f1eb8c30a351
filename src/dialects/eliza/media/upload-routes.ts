/** Uploads for agents and channels: kept as they are, and readable by all of the tenant (eliza.md decision 8). */
import type { TObject, TSchema } from '@sinclair/typebox';
import { cleanFilename } from '../../../contract/files/filename.ts';
import { type BodyStream, type Operation, operation, type Reply } from '../../../contract/operation.ts';
import { refusalsOf } from '../../../contract/refusals.ts';
import { canonicalUuid } from '../../../domain/ids.ts';
import { limits } from '../../../domain/limits.ts';
import type { Principal } from '../../../domain/principal.ts';
import { Problem } from '../../../domain/problem.ts';
import { agentOf } from '../agents/agent-of.ts';
import { alsoAt } from '../also-at.ts';
import { callerOf } from '../caller.ts';
import type { ElizaDeps } from '../deps.ts';
import { mediaTypes, uploadBodyBytesMax, useUpload } from '../uploads.ts';
import { CodedError, TextError } from '../wire.ts';
import { folderOf, kindOf, type MediaFiles, nameOf } from './media-files.ts';
import { ByAgent, ByChannel, UploadedForAgent, UploadedForChannel, UploadRequest } from './wire.ts';

type Deps = Pick<ElizaDeps, 'agents' | 'media'>;

const statuses = {
  400: 'No form, no file, or one of a type that is not accepted',
  401: 'No valid credential',
  404: 'No such agent',
  413: 'Larger than 50 MB',
  429: 'Too many; see Retry-After',
  503: 'A server is away or too busy; see Retry-After',
};

/** In the words of E1. */
export function agentUploadRoutes(deps: Deps, files: MediaFiles): readonly Operation[] {
  const one = upload({
    id: 'eliza.uploadAgentMedia',
    path: '/api/media/agents/:agentId/upload-media',
    summary: 'Keeps a file for an agent',
    ...{ params: ByAgent, error: CodedError, response: UploadedForAgent },
    async answer(caller, { agentId = '' }, stream) {
      const agent = await agentOf(deps, caller, agentId);
      if (agent instanceof Problem) return agent;
      const target = { folder: folderOf('agents', agentId), typeOf: kindOf, nameIn: cleanName };
      return keep(deps, files, caller, target, stream);
    },
  });
  return alsoAt(one, '/api/media/:agentId/upload');
}

/** In the words of E2. The channel need not be there yet. */
export function channelUploadRoutes(deps: Deps, files: MediaFiles): readonly Operation[] {
  const one = upload({
    id: 'eliza.uploadChannelMedia',
    path: '/api/messaging/channels/:channelId/upload-media',
    summary: 'Keeps a file for a channel',
    ...{ params: ByChannel, error: TextError, response: UploadedForChannel },
    answer: (caller, { channelId = '' }, stream) => {
      const target = { folder: folderOf('channels', channelId), typeOf: declaredType, nameIn: plainName };
      return keep(deps, files, caller, target, stream);
    },
  });
  return alsoAt(one, '/api/media/channels/:channelId/upload-media', '/api/media/channels/:channelId/upload');
}

interface Upload {
  readonly id: string;
  readonly path: string;
  readonly summary: string;
  readonly params: TObject;
  readonly error: TSchema;
  readonly response: TSchema;
  readonly answer: (
    caller: Principal,
    ids: Readonly<Record<string, string>>,
    stream: BodyStream | null,
  ) => Promise<Reply | Problem>;
}

function upload({ id, path, summary, params, error, response, answer }: Upload): Operation {
  return operation(
    {
      ...{ id, method: 'POST', path, summary, access: 'principal' },
      schemas: { params },
      streamsBody: true,
      bodyTypes: { 'multipart/form-data': UploadRequest },
      bodyBytesMax: uploadBodyBytesMax,
      responses: {
        200: { description: 'It is kept, and can be read at once', schema: response },
        ...refusalsOf(error, statuses)(400, 401, 404, 413, 429, 503),
      },
    },
    (request) => {
      const named = Object.entries(request.params as Readonly<Record<string, string>>);
      const ids = Object.fromEntries(named.map(([name, value]) => [name, canonicalUuid(value) ?? value]));
      return answer(callerOf(request), ids, request.stream);
    },
  );
}

interface Target {
  readonly folder: string;
  /** What is answered as its type. */
  readonly typeOf: (contentType: string) => string;
  /** The name that a reader sees, of the one that was sent. */
  readonly nameIn: (sent: string) => string | Problem;
}

const declaredType = (contentType: string): string => contentType;

function cleanName(sent: string): string {
  return [...cleanFilename(sent)].slice(0, limits.filenameCharsMax).join('');
}

/** Upstream makes a path of it here, and refuses what would lead elsewhere. */
function plainName(sent: string): string | Problem {
  if (!/\.\.|[/\\]/.test(sent)) return cleanName(sent);
  return new Problem('invalid_request', 'The file name is not valid');
}

async function keep(
  { media }: Deps,
  files: MediaFiles,
  caller: Principal,
  { folder, typeOf, nameIn }: Target,
  stream: BodyStream | null,
): Promise<Reply | Problem> {
  return useUpload(media, stream, mediaTypes, async ({ file }) => {
    const { contentType, sizeBytes } = file;
    const filename = nameIn(file.filename);
    if (filename instanceof Problem) return filename;
    const kept = await media.uploads.store(
      caller,
      { filename, contentType, sizeBytes, folder },
      file.pieces(),
    );
    if (kept instanceof Problem) return kept;
    const data = {
      ...{ url: files.urlOf(kept), type: typeOf(contentType), filename: nameOf(kept) },
      ...{ originalName: filename, size: sizeBytes },
    };
    return { status: 200, body: { success: true, data } };
  });
}
