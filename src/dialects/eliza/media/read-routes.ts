/** Uploaded files, by their names. */
import { Bytes } from '../../../contract/files/bytes.ts';
import { serveFile } from '../../../contract/files/serve-file.ts';
import { type Operation, type OperationRequest, operation, type Reply } from '../../../contract/operation.ts';
import { refusalsOf } from '../../../contract/refusals.ts';
import { canonicalUuid } from '../../../domain/ids.ts';
import { Problem } from '../../../domain/problem.ts';
import { callerOf } from '../caller.ts';
import type { ElizaDeps } from '../deps.ts';
import { refuseBare } from '../refuse.ts';
import { BareError } from '../wire.ts';
import {
  folderOf,
  type MediaFiles,
  type MediaOwner,
  mediaIdIn,
  nameOf,
  type SignedQuery,
} from './media-files.ts';
import { ByFile, SignedParameters } from './wire.ts';

type Deps = Pick<ElizaDeps, 'media'>;

const errors = refusalsOf(BareError, {
  400: 'No UUID',
  401: 'Neither signed nor a valid credential',
  403: 'The URL is not valid, or not any more',
  404: 'No such file',
  503: 'The store is away',
});

export function mediaReadRoutes(deps: Deps, files: MediaFiles): readonly Operation[] {
  return [read(deps, files, 'agents'), read(deps, files, 'channels')];
}

function read({ media: { uploads } }: Deps, files: MediaFiles, owner: MediaOwner): Operation {
  return operation(
    {
      id: owner === 'agents' ? 'eliza.readAgentMedia' : 'eliza.readChannelMedia',
      method: 'GET',
      path: `/media/uploads/${owner}/:id/:file`,
      summary:
        'The bytes of an uploaded file, or a range of them: for its tenant, and for who has the signed URL',
      access: 'optional',
      schemas: { params: ByFile, query: SignedParameters },
      responses: {
        200: { description: 'All bytes', schema: Bytes },
        206: { description: 'The range that was asked for', schema: Bytes },
        304: { description: 'The client has them already (If-None-Match)', schema: null },
        416: { description: 'The range begins behind the end', schema: null },
        ...errors(400, 401, 403, 404, 503),
      },
      contentType: 'application/octet-stream',
      example: { response: '' },
    },
    async (request): Promise<Reply | Problem> => {
      const { params } = request;
      const folder = folderOf(owner, canonicalUuid(params.id) ?? params.id);
      const tenant = tenantFor(files, request, folder, params.file);
      if (tenant instanceof Problem) return tenant;
      const id = mediaIdIn(params.file);
      const found = id === null ? null : await uploads.find(tenant, id);
      if (found instanceof Problem) return found;
      const isNamed = found?.folder === folder && nameOf(found) === params.file;
      if (found === null || !isNamed || found.status !== 'ready' || found.blob === null)
        return new Problem('not_found', 'File not found');
      const { blob, sizeBytes, contentType, filename, isShown } = found;
      const file = { blob, sizeBytes, contentType, filename, isShown };
      return serveFile(file, request, (from, to) => uploads.read(blob, from, to), refuseBare);
    },
  );
}

/** Whose file it is to be. */
function tenantFor(
  files: MediaFiles,
  request: Pick<OperationRequest<unknown, SignedQuery, unknown>, 'caller' | 'orgId' | 'query'>,
  folder: string,
  name: string,
): string | Problem {
  const signed = files.signedFor(folder, name, request.query);
  if (signed !== null) return signed;
  const { caller, orgId } = request;
  if (caller !== null) return callerOf({ principal: caller, orgId }).tenant;
  const { signature } = request.query;
  if (signature === undefined) return new Problem('unauthenticated');
  return new Problem('forbidden', 'The URL is not valid, or not any more.');
}
