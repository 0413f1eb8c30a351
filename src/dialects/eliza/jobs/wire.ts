/** Jobs on the wire (eliza.md §3): answers are bare objects. */
import { type Static, Type } from '@sinclair/typebox';
import { exampleValues as example } from '../../../contract/examples/values.ts';
import { limits } from '../../../domain/limits.ts';
import { Metadata } from '../messaging/messages/wire.ts';

const optional = Type.Optional;
const shown = (value: unknown) => ({ examples: [value] });
const Text = (value: string, description?: string) =>
  Type.String({ ...shown(value), ...(description === undefined ? {} : { description }) });
/** Checked by the routes, in an order and with words of their own. */
const Anything = (value: unknown, description: string) => Type.Unknown({ ...shown(value), description });
const createdMs = Date.parse(example.at);
const Ms = (value: number) => Type.Integer({ ...shown(value), description: 'Milliseconds since 1970' });

const exampleJob = '3f2b8a54-9d0e-4c1b-8f27-6a5c4e3d2b1a';
const exampleAgent = 'b850bc30-45f8-0041-a00a-83df46d8555d';

export const ByJob = Type.Object({ jobId: Type.String(shown(exampleJob)) });

export const JobRequest = Type.Object({
  userId: optional(Anything(example.user, 'UUID; of a caller with a token of its own its own')),
  content: optional(Anything('How deep is the harbour?', `1 to ${limits.jobContentCharsMax} characters`)),
  agentId: optional(Anything(exampleAgent, 'UUID of an agent that runs; left out: the first of them')),
  metadata: optional(
    Anything({ origin: 'form' }, `At most ${limits.jobMetadataCharsMax} characters of JSON`),
  ),
  timeoutMs: optional(Anything(30_000, `${limits.jobMsMin} to ${limits.jobMsMax}`)),
});
export type JobRequest = Static<typeof JobRequest>;

export const CreatedJob = Type.Object({
  jobId: Text(exampleJob),
  status: Type.Literal('processing'),
  createdAt: Ms(createdMs),
  expiresAt: Ms(createdMs + 30_000),
});

const Status = Type.Union(
  (['pending', 'processing', 'completed', 'failed', 'timeout'] as const).map((one) => Type.Literal(one)),
  shown('completed'),
);
export const JobDetails = Type.Object({
  jobId: Text(exampleJob),
  status: Status,
  agentId: Text(exampleAgent),
  userId: Text(example.user),
  prompt: Text('How deep is the harbour?'),
  createdAt: Ms(createdMs),
  expiresAt: Ms(createdMs + 30_000),
  result: optional(
    Type.Object({
      message: Type.Object({
        id: Text(example.message),
        content: Text('Twelve fathoms.'),
        authorId: Text(exampleAgent),
        createdAt: Ms(createdMs + 1_200),
        metadata: Metadata,
      }),
      processingTimeMs: Type.Integer(shown(1_200)),
    }),
  ),
  error: optional(Text('Job timed out waiting for agent response')),
  metadata: Metadata,
});
export type JobDetails = Static<typeof JobDetails>;

export const JobsQuery = Type.Object({
  limit: optional(Text('50', `1 to ${limits.jobsListedMax}`)),
  status: optional(Text('completed', 'Any other word counts for nothing')),
});
export const JobList = Type.Object({
  jobs: Type.Array(JobDetails, { description: 'The newest first' }),
  total: Type.Integer({ ...shown(1), description: 'All that the caller may see' }),
  filtered: Type.Integer({ ...shown(1), description: 'Those in this answer' }),
});

const Rate = Type.Number({ ...shown(1), description: 'Of those that are over' });
const Count = (value: number) => Type.Integer(shown(value));
export const JobsHealth = Type.Object({
  healthy: Type.Literal(true),
  timestamp: Ms(createdMs),
  totalJobs: Count(1),
  statusCounts: Type.Object({
    ...{ pending: Count(0), processing: Count(0), completed: Count(1), failed: Count(0), timeout: Count(0) },
  }),
  metrics: Type.Object({
    averageProcessingTimeMs: Type.Integer(shown(1_200)),
    ...{ successRate: Rate, failureRate: Rate, timeoutRate: Rate },
  }),
  maxJobs: Count(limits.jobsPerTenantMax),
});
