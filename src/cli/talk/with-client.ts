/** parley/client as commands use it: what it rejects with becomes a sentence and an exit code. */
import { connect, type ParleyClient, ParleyProblem, type ParleyProblemCode } from '../../client/node.ts';
import { Failure } from '../failure.ts';
import { note, readerGone } from '../output.ts';
import { type Account, unreachable } from './account.ts';

/** What a node refused: `code` is one of the table of problems. */
export class Refused extends Failure {
  override readonly code: string;

  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, 1, options);
    this.code = code;
  }
}

export interface ClientUse {
  /** How long a node that is away is waited for at first; without it that is an error at once: most often nobody has started one. */
  readonly patienceMs?: number;
  /** What a code means to this command; the node's own sentence for all others. */
  readonly sentences?: Partial<Readonly<Record<ParleyProblemCode, string>>>;
}

/** What it means to whoever reads a conversation. */
export function placeSentences(
  conversation: string,
): Readonly<Record<'not_found' | 'cursor_expired', string>> {
  return {
    not_found: `there is no conversation ${conversation}, or this account is not in it`,
    cursor_expired: `the log of ${conversation} was made anew, or ends before that position; start again without one`,
  };
}

/**
 * Does `work` with a client of the account, which ends with it, or with whoever reads what is printed. What the client rejects
 * with is thrown as a Failure.
 */
export async function withClient<T>(
  account: Account,
  { patienceMs, sentences = {} }: ClientUse,
  work: (client: ParleyClient) => Promise<T>,
): Promise<T> {
  const { url, token } = account;
  const awaited = patienceMs === undefined ? { isImpatient: true } : { connectTimeoutMs: patienceMs };
  let client: ParleyClient | null = null;
  try {
    client = await connect({ url, token, ...awaited });
    return await Promise.race([work(client), readerGone]);
  } catch (error) {
    throw error instanceof ParleyProblem ? failureOf(error, account, sentences) : error;
  } finally {
    client?.close();
  }
}

/** Once for each loss, whatever the attempts to connect again come to. Closes the client that is lost for `awayMsMax`. */
export function tellOfLosses(client: ParleyClient, awayMsMax: number | null = null): void {
  let isLost = false;
  let late: NodeJS.Timeout | undefined;
  client.onState(({ state }) => {
    if (state === 'waiting' && !isLost) {
      isLost = true;
      note('the connection was lost; connecting again');
      if (awayMsMax !== null) late = setTimeout(() => client.close(), awayMsMax);
    } else if (state === 'open' && isLost) {
      isLost = false;
      note('connected again');
    }
    if (!isLost || state === 'closed') clearTimeout(late);
  });
}

function failureOf(
  problem: ParleyProblem,
  account: Account,
  sentences: NonNullable<ClientUse['sentences']>,
): Failure {
  const { code, message, cause } = problem;
  const own = sentences[code];
  switch (code) {
    case 'unreachable':
      // A node that answered, but would not have us yet, says more than that time is over.
      return cause instanceof ParleyProblem && cause.code !== 'disconnected'
        ? failureOf(cause, account, sentences)
        : unreachable(account.url, rootOf(problem));
    case 'disconnected':
    case 'closed':
      return new Failure(own ?? 'the connection to the node was lost', 1, { cause: problem });
    case 'unauthenticated':
      return new Refused(code, own ?? account.whenRefused, { cause: problem });
    case 'suspended':
      return new Refused(code, own ?? 'this account is suspended', { cause: problem });
    default:
      return new Refused(code, `${code}: ${own ?? message}`, { cause: problem });
  }
}

/** The first of the causes: what the system said. */
function rootOf(error: Error): Error {
  const { cause } = error;
  return cause instanceof Error && !(error instanceof AggregateError) ? rootOf(cause) : error;
}
