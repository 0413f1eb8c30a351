/** What is posted: an envelope around the event as the native protocol has it. */
import { type DataClass, type Event, isSealedClass, type LogEntry } from '../../domain/event.ts';
import { formatMicros, type Micros } from '../../domain/time.ts';
import { hasTexts, withoutTexts } from '../sealing/event-texts.ts';

/** `timestamp` is when the event happened. `withheld`: its texts are of this class, and not here. */
interface Envelope {
  readonly type: string;
  readonly timestamp: string;
  readonly data: unknown;
  readonly withheld?: DataClass;
}

/** Texts of a sealed class do not leave the deployment this way, not even sealed. */
export function webhookBody({ event, dataClass }: Pick<LogEntry, 'event' | 'dataClass'>): string {
  const isWithheld = isSealedClass(dataClass) && hasTexts(event);
  const envelope: Envelope = {
    ...{ type: event.type, timestamp: event.at, data: isWithheld ? bare(event) : event },
    ...(isWithheld ? { withheld: dataClass } : {}),
  };
  return JSON.stringify(envelope);
}

function bare(event: Event): object {
  const emptied = withoutTexts(event, '');
  const { sealed: _, ...data } = emptied.data as { readonly sealed?: string };
  return { ...emptied, data };
}

export function testBody(webhook: string, at: Micros): string {
  const envelope: Envelope = {
    ...{ type: 'webhook.test', timestamp: formatMicros(at), data: { webhook_id: webhook } },
  };
  return JSON.stringify(envelope);
}
