/** The span of a command: from its queue to its answer, with the appends that it took. */
import { Problem } from '../../../domain/problem.ts';
import type { Tracing } from '../../../ports/tracing.ts';
import type { Waiting } from './waiting.ts';

/** Continues what is traced; a command of which nothing is, is not traced either. */
export function tracedWaiting(tracing: Tracing, partition: number, asked: Omit<Waiting, 'span'>): Waiting {
  const caller = tracing.current();
  if (caller === null) return { ...asked, span: null };
  const { principal, command, context, isForwarded, answer } = asked;
  const span = tracing.begin({
    ...{ name: 'append', kind: 'producer', parent: caller.traceparent },
    facts: {
      ...{ tenant: principal.tenant, conversation: context.conversation, event: context.id },
      ...{ op: command.op, partition, is_forwarded: isForwarded },
    },
  });
  if (span === null) return { ...asked, span };
  const waiting: Waiting = {
    ...asked,
    span,
    answer(result) {
      const position = result instanceof Problem ? undefined : result.events.at(-1)?.position;
      span.note({ attempts: waiting.attempts, ...(position === undefined ? {} : { position }) });
      span.end(result instanceof Problem ? result.code : undefined);
      answer(result);
    },
  };
  return waiting;
}
