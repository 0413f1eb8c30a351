import { bounds } from '../bounds.ts';
import type { Connection } from '../socket/connection.ts';
import type { ListedConversation } from '../wire.ts';

/**
 * Calls `take` for the caller's conversations in which anything happened since then (RFC 3339; empty: for all of
 * them), and answers the server's time.
 */
export async function listSince(
  connection: Connection,
  since: string,
  take: (row: ListedConversation) => void,
): Promise<string> {
  const { at } = await connection.request('ping', {});
  const sinceMs = since === '' ? Number.NEGATIVE_INFINITY : Date.parse(since) - bounds.clockSkewMs;
  for (let cursor: string | null | undefined; cursor !== null; ) {
    const fields = { limit: bounds.pageMax, ...(cursor === undefined ? {} : { cursor }) };
    const reply = await connection.request('list', fields);
    const rows = (reply['conversations'] ?? []) as readonly ListedConversation[];
    for (const row of rows) take(row);
    const last = rows.at(-1);
    const isPast = last === undefined || Date.parse(last.updated_at) < sinceMs;
    cursor = isPast ? null : ((reply['next'] ?? null) as string | null);
  }
  return String(at ?? '');
}
