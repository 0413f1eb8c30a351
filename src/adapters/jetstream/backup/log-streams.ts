/** The streams of the log as a backup sees them: which there are, and their snapshots, on files. */
import type { Logger } from '../../../ports/logger.ts';
import { openConnection } from '../connections/connection.ts';
import { openStreamManager } from '../streams/stream-manager.ts';
import { logStreamNames } from '../streams/streams.ts';
import { restoreStream } from './restore-stream.ts';
import { type StreamSnapshot, snapshotStream } from './snapshot-stream.ts';

export interface LogStreams {
  /** Names, by partition. Empty before the first start of a node. */
  names(): Promise<readonly string[]>;
  /** Writes a stream to a new file. Rejects when that stops in the middle: the file is then worth nothing. */
  snapshot(stream: string, path: string, onBytes?: (written: number) => void): Promise<StreamSnapshot>;
  /**
   * Makes the stream from such a file, with so many replicas; there must be none of its name. Its epoch is a new one,
   * because cursors of before may lie behind what the snapshot has.
   */
  restore(
    snapshot: StreamSnapshot,
    path: string,
    replicas: number,
    onBytes?: (sent: number) => void,
  ): Promise<{ readonly lastSeq: number }>;
  close(): Promise<void>;
}

/** Rejects when NATS is away. */
export async function openLogStreams(options: {
  readonly url: string;
  readonly credsFile: string | null;
  readonly log: Logger;
}): Promise<LogStreams> {
  const { url, credsFile, log } = options;
  const creds = credsFile === null ? {} : { credsFile };
  const { connection, close } = await openConnection({ url, log, name: 'parley backup', ...creds });
  const manager = await openStreamManager(connection);
  return {
    names: () => logStreamNames(manager),
    snapshot: (stream, path, onBytes) => snapshotStream(connection, stream, path, onBytes),
    restore: (snapshot, path, replicas, onBytes) =>
      restoreStream(connection, snapshot, path, replicas, onBytes),
    close,
  };
}
