/** What a client wants an agent to do; each answers what is wrong with it in the words of this API instead. */
import { canonicalUuid, type PrincipalId } from '../../../domain/ids.ts';
import { limits } from '../../../domain/limits.ts';
import { Problem } from '../../../domain/problem.ts';
import { isRecord } from '../fields.ts';
import { invalid } from '../messaging/messages/decode-message.ts';
import type { JobRequest } from './wire.ts';

export interface DecodedJob {
  readonly user: PrincipalId;
  /** Null: the first one that runs. */
  readonly agent: PrincipalId | null;
  readonly content: string;
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly timeoutMs: number;
}

export function decodeJob(body: JobRequest): DecodedJob | Problem {
  const { agentId, userId, metadata = {}, timeoutMs = limits.jobMsDefault } = body;
  if (agentId !== undefined && agentId !== null && typeof agentId !== 'string') {
    return invalid('agentId must be a valid UUID string');
  }
  if (typeof userId !== 'string') return invalid('userId is required and must be a valid UUID string');
  const content = decodeContent(body.content);
  if (content instanceof Problem) return content;
  if (!isRecord(metadata)) return invalid('metadata must be an object');
  if (JSON.stringify(metadata).length > limits.jobMetadataCharsMax) {
    return invalid(`metadata exceeds maximum size of ${limits.jobMetadataCharsMax} bytes`);
  }
  const timeout = decodeTimeout(timeoutMs);
  if (timeout instanceof Problem) return timeout;
  const user = canonicalUuid(userId);
  if (user === null) return invalid('Invalid userId format (must be valid UUID)');
  const isNamed = agentId !== undefined && agentId !== null && agentId !== '';
  const agent = isNamed ? canonicalUuid(agentId) : null;
  if (isNamed && agent === null) return invalid('Invalid agentId format (must be valid UUID)');
  return { user, agent, content, metadata, timeoutMs: timeout };
}

function decodeContent(content: unknown): string | Problem {
  if (typeof content !== 'string') return invalid('content is required and must be a string');
  if (content === '') return invalid('content cannot be empty');
  const { jobContentCharsMax: max } = limits;
  return content.length > max ? invalid(`content exceeds maximum length of ${max} characters`) : content;
}

function decodeTimeout(value: unknown): number | Problem {
  if (typeof value !== 'number' || value < 0) return invalid('timeoutMs must be a positive number');
  if (value < limits.jobMsMin) return invalid(`timeoutMs must be at least ${limits.jobMsMin}ms`);
  if (value > limits.jobMsMax) return invalid(`timeoutMs cannot exceed ${limits.jobMsMax}ms`);
  return Math.round(value);
}
