/** What must hold of every log, whoever wrote it. Each check answers what is wrong, in sentences. */
import type { EventOf, LogEntry } from '../../src/domain/event.ts';
import type { CapturedLog } from './captured-log.ts';

export function checkLog(log: CapturedLog): string[] {
  return [numbers, times, identities, pauses, stoppedRuns, floors, membership].flatMap((check) =>
    check(log).map((fault) => `${check.name}: ${fault}`),
  );
}

function numbers({ entries }: CapturedLog): string[] {
  const positions = entries.map((entry) => entry.event.position);
  const seqs = entries.flatMap((entry) => entry.event.seq ?? []);
  const logSeqs = entries.map((entry) => entry.logSeq);
  return [
    ...positions.filter((value, index) => value !== index + 1).map((value) => `position ${value}`),
    ...seqs.filter((value, index) => value !== index + 1).map((value) => `seq ${value}`),
    ...logSeqs
      .filter((value, index) => value <= (logSeqs[index - 1] ?? 0))
      .map((value) => `log sequence ${value}`),
  ];
}

function times({ entries }: CapturedLog): string[] {
  return entries
    .filter((entry, index) => index > 0 && entry.event.at <= entries[index - 1]!.event.at)
    .map((entry) => `${entry.event.at} at position ${entry.event.position}`);
}

const posted = (entries: readonly LogEntry[]): EventOf<'message.posted'>[] =>
  entries.flatMap(({ event }) => (event.type === 'message.posted' ? [event] : []));

function twice(names: readonly string[]): string[] {
  const seen = new Set<string>();
  return names.filter((name) => seen.size === seen.add(name).size);
}

function identities({ entries }: CapturedLog): string[] {
  const messages = posted(entries);
  const clients = messages.flatMap((one) =>
    one.client_id === undefined ? [] : [`${one.actor.id} ${one.client_id}`],
  );
  const interrupted = messages.filter((one) => one.data.interrupted === true);
  const whole = messages.filter((one) => one.data.interrupted !== true);
  return [
    ...twice(entries.map((entry) => `event ${entry.event.id}`)),
    ...twice(clients),
    ...twice(whole.map((one) => `message ${one.data.message_id}`)),
    ...twice(interrupted.map((one) => `interrupted ${one.data.message_id}`)),
  ];
}

function pauses({ entries }: CapturedLog): string[] {
  let isPaused = false;
  return entries.flatMap(({ event }) => {
    if (event.type === 'control' && event.data.event === 'stream.pause') isPaused = true;
    if (event.type === 'control' && event.data.event === 'stream.resume') isPaused = false;
    if (!isPaused || event.type !== 'message.posted' || event.actor.kind === 'user') return [];
    const isAllowed = event.data.priority === 'critical' || event.data.interrupted === true;
    return isAllowed ? [] : [`${event.actor.id} at position ${event.position}`];
  });
}

function stoppedRuns({ entries }: CapturedLog): string[] {
  const stopped = new Set<string>();
  return entries.flatMap(({ event }) => {
    if (event.type === 'message.posted' && event.run !== undefined && stopped.has(event.run)) {
      return [`${event.run} at position ${event.position}`];
    }
    if (event.type !== 'control') return [];
    if (event.data.event === 'stream.preempt' || event.data.event === 'stream.cancel') {
      for (const one of event.data.runs) stopped.add(one);
    }
    return [];
  });
}

function floors({ entries, states }: CapturedLog): string[] {
  return entries.flatMap(({ event }, index) => {
    if (event.type !== 'message.posted' || event.actor.kind !== 'agent') return [];
    const { floor } = states[index]!;
    const isAllowed = floor === null || floor === event.actor.id || event.data.interrupted === true;
    return isAllowed ? [] : [`${event.actor.id} at position ${event.position}, the floor is ${floor}'s`];
  });
}

/** Who acts is in it; nothing follows a deletion; somebody owns it. */
function membership({ entries, states }: CapturedLog): string[] {
  return entries.flatMap(({ event }, index) => {
    const before = states[index]!;
    const joins = event.type === 'participant.added' && event.data.participant.id === event.actor.id;
    const isIn = index === 0 || joins || before.participants.has(event.actor.id);
    const roles = [...states[index + 1]!.participants.values()].map((one) => one.role);
    const isOwned = states[index + 1]!.status === 'deleted' || roles.includes('owner');
    return [
      ...(isIn ? [] : [`${event.actor.id} acts from outside at position ${event.position}`]),
      ...(isOwned ? [] : [`nobody owns it at position ${event.position}`]),
      ...(before.status === 'deleted' ? [`position ${event.position} follows the deletion`] : []),
    ];
  });
}
