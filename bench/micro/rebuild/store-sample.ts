/** Stores a sample log as nodes would have, without the expectations that they append under. */

import type { Answer } from '../../../src/adapters/jetstream/connections/answer.ts';
import { openNats } from '../../../src/adapters/jetstream/connections/connection.ts';
import type { Requester } from '../../../src/adapters/jetstream/connections/requester.ts';
import { HeaderBlock, writeEntryHeaders } from '../../../src/adapters/jetstream/log/entry-headers.ts';
import { openStreams } from '../../../src/adapters/jetstream/streams/streams.ts';
import { logSubject, partitionOf } from '../../../src/adapters/jetstream/subjects.ts';
import { kindOfType } from '../../../src/domain/event.ts';
import { type SampleEntry, sampleLog } from './sample-log.ts';
import { silentLogger } from './silent-logger.ts';

const inFlight = 1_000;
const partitions = 4;

/** Makes the streams, and rejects when an event is not stored. */
export async function storeSample(url: string, count: number, conversations: number): Promise<void> {
  const nats = await openNats({ url, name: 'sample log', log: silentLogger });
  try {
    await openStreams(nats.connection, { partitions, replicas: 1 }, silentLogger);
    let sent: Promise<void>[] = [];
    for (const entry of sampleLog(count, conversations)) {
      sent.push(store(nats.requester, entry));
      if (sent.length < inFlight) continue;
      await Promise.all(sent);
      sent = [];
    }
    await Promise.all(sent);
  } finally {
    await nats.close();
  }
}

async function store(requester: Requester, { ref, entry }: SampleEntry): Promise<void> {
  const headers = new HeaderBlock();
  writeEntryHeaders(headers, entry);
  const subject = logSubject(partitionOf(ref.conversation, partitions), ref, kindOfType[entry.event.type]);
  const body = Buffer.from(JSON.stringify(entry.event));
  const answer: Answer = await requester.request(subject, body, headers, 30_000);
  const stored = answer.kind === 'message' ? answer.message.json<{ seq?: number }>().seq : undefined;
  if (stored === undefined) throw new Error('the log did not take an event');
}
