/** The synchronous steps of one post, in the order of the write trip and the fan-out trip. */
import { compileCheck } from '../../src/contract/checking/check.ts';
import { parseJson } from '../../src/contract/checking/json-text.ts';
import { decodePost } from '../../src/dialects/native/decode.ts';
import { nativeWording } from '../../src/dialects/native/encode.ts';
import { Post } from '../../src/dialects/native/wire.ts';
import type { CommandContext, PostCommand } from '../../src/domain/command.ts';
import { decide } from '../../src/domain/decide/decide.ts';
import type { Event, LogEntry } from '../../src/domain/event.ts';
import { evolve } from '../../src/domain/evolve/evolve.ts';
import { factsNeeded, noFacts } from '../../src/domain/facts.ts';
import type { Principal } from '../../src/domain/principal.ts';
import { Problem } from '../../src/domain/problem.ts';
import { type ConversationState, emptyState } from '../../src/domain/state.ts';
import { usualText } from '../kit/figures/event-sample.ts';
import { uuidV7 } from '../kit/uuid-v7.ts';

export type Step = { readonly name: string; readonly call: (n: number) => unknown };

const now = 1_763_632_800_000_000;
const conversation = uuidV7();
const encoder = new TextEncoder();
const decoder = new TextDecoder();

const principal: Principal = {
  tenant: uuidV7(),
  id: uuidV7(),
  kind: 'agent',
  scopes: [],
  role: 'member',
  superAdmin: false,
  displayName: 'micro',
  sid: uuidV7(),
  service: null,
  expiresAt: null,
};

const frameText = JSON.stringify({
  op: 'post',
  id: '1',
  conversation,
  content: usualText,
  client_id: uuidV7(),
});

function context(): CommandContext {
  return { conversation, id: uuidV7(), trace: null, dataClass: 'none', policyRef: null, env: null };
}

function post(clientId: string): PostCommand {
  return {
    op: 'post',
    content: usualText,
    contentType: 'text',
    clientId,
    messageId: null,
    replyTo: null,
    run: null,
    endRun: false,
    priority: null,
    interruptible: true,
    preemptedBy: null,
    metadata: {},
  };
}

/** What a command leads to; throws when it is refused. */
function decided(state: ConversationState, command: Parameters<typeof decide>[0]): Event {
  const decision = decide(command, { state, facts: noFacts, principal, context: context(), now });
  if (decision instanceof Problem || decision.kind !== 'append') throw new Error('refused');
  return decision.events[0]!;
}

function entry(event: Event, logSeq: number): LogEntry {
  return { event, logSeq, node: 'micro', dataClass: 'none', policyRef: null, erased: [] };
}

function openState(): ConversationState {
  const created = decided(emptyState(), {
    op: 'create',
    type: 'group',
    name: 'micro',
    description: null,
    metadata: {},
    env: 'dev',
    service: null,
    participants: [],
  });
  return evolve(emptyState(), entry(created, 1));
}

export function postSteps(): readonly Step[] {
  const check = compileCheck(Post);
  const fields = JSON.parse(frameText) as Parameters<typeof decodePost>[0];
  const state = openState();
  const command = post(uuidV7());
  if (!check.accepts(fields)) throw new Error('the frame does not fit its schema');
  const sample = entry(decided(state, command), 2);
  const bytes = encoder.encode(JSON.stringify(sample.event));
  let grown = openState();
  const view = {
    ref: { tenant: principal.tenant, service: null, conversation: sample.event.conversation },
    state,
  };
  return [
    { name: 'parse the frame', call: () => parseJson(frameText) },
    { name: 'check its schema', call: () => check.accepts(fields) },
    { name: 'decode the post', call: () => decodePost(fields) },
    { name: 'ask which facts are needed', call: () => factsNeeded(state, command, principal.id, now) },
    { name: 'make a UUIDv7', call: () => uuidV7() },
    { name: 'decide', call: () => decided(state, command) },
    {
      name: 'decide and evolve, window turning over',
      call: () => {
        const event = decided(grown, post(uuidV7()));
        grown = evolve(grown, entry(event, grown.logSeq + 1));
        return grown;
      },
    },
    { name: 'event to JSON bytes', call: () => encoder.encode(JSON.stringify(sample.event)) },
    { name: 'event from JSON bytes', call: () => JSON.parse(decoder.decode(bytes)) },
    { name: 'native frame from bytes', call: () => nativeWording.event(sample, bytes, view) },
  ];
}
