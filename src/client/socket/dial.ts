/** From nothing to a socket that knows who we are. */
import { bounds } from '../bounds.ts';
import type { Settings } from '../options.ts';
import { isDisconnected, ParleyProblem } from '../problem.ts';
import type { Hello } from '../wire.ts';
import { Connection, type ConnectionEnd, type OnPush } from './connection.ts';

export interface Dialled {
  readonly connection: Connection;
  readonly hello: Hello;
}

export interface Credential {
  readonly token: string | null;
  /** In the handshake instead of the first frame: there it counts before a cookie of somebody else. */
  readonly isInHandshake: boolean;
}

/**
 * Connects and says hello. The token goes in a frame, so that no log of a proxy has it, and a refusal has a reason (a
 * browser is not told why a handshake failed). Throws the ParleyProblem of the refusal; `disconnected` when nobody
 * answered, `forbidden` with `isOutcomeUnknown` when a cookie had made the socket somebody else's.
 */
export async function dial(
  settings: Settings,
  { token, isInHandshake }: Credential,
  onPush: OnPush,
  signal: AbortSignal,
): Promise<Dialled> {
  const { socketUrl: url, WebSocket, heartbeatMs } = settings;
  const protocols = ['parley.v1', ...(isInHandshake && token !== null ? [`bearer.${token}`] : [])];
  const connection = new Connection({ url, protocols, WebSocket, heartbeatMs }, onPush);
  const giveUp = (): void => connection.close();
  signal.addEventListener('abort', giveUp, { once: true });
  const late = setTimeout(() => connection.close(), bounds.handshakeMs);
  const lost = connection.closed.then((end) => {
    throw endProblem(end);
  });
  lost.catch(() => undefined);
  try {
    await Promise.race([connection.opened, lost]);
    if (token === null || isInHandshake)
      return { connection, hello: await Promise.race([connection.greeted, lost]) };
    const said = connection.request('hello', { token });
    return { connection, hello: (await said) as unknown as Hello };
  } catch (error) {
    if (token === null && isUnauthenticated(error)) throw anonymous();
    const end = isDisconnected(error) ? await connection.closed : null;
    connection.close();
    if (end !== null) throw endProblem(end);
    const isOthers = error instanceof ParleyProblem && error.code === 'forbidden' && connection.isGreeted;
    throw isOthers ? new ParleyProblem('forbidden', error.message, { isOutcomeUnknown: true }) : error;
  } finally {
    signal.removeEventListener('abort', giveUp);
    clearTimeout(late);
  }
}

const isUnauthenticated = (error: unknown): boolean =>
  error instanceof ParleyProblem && error.code === 'unauthenticated';

/** Most often a variable of the environment that is not set. */
const anonymous = (): ParleyProblem =>
  new ParleyProblem(
    'unauthenticated',
    'Nobody says who this is: there is no session cookie, and connect() was given no token and no apiKey.',
  );

/** What a close code says: native.md §1. */
export function endProblem({ code, retryAfterMs, cause }: ConnectionEnd): ParleyProblem {
  if (code === 4401) return new ParleyProblem('unauthenticated', 'The token is not valid (any more).');
  if (code === 4403) return new ParleyProblem('suspended', 'This account is suspended.');
  if (code === 1003 || code === 1008 || code === 1009)
    return new ParleyProblem('invalid_request', `The server ended the connection with ${code}.`);
  return new ParleyProblem('disconnected', `The connection was lost (${code}).`, { retryAfterMs, cause });
}
