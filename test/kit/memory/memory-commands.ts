/** Commands with everything that a test does not care about filled in. */
import type {
  ControlCommand,
  CreateCommand,
  NewParticipant,
  PostCommand,
} from '../../../src/domain/command.ts';
import type { ParticipantRole } from '../../../src/domain/event.ts';
import type { Principal } from '../../../src/domain/principal.ts';

export function create(fields: Partial<CreateCommand> = {}): CreateCommand {
  return {
    op: 'create',
    type: 'group',
    name: 'Harbour',
    description: null,
    metadata: {},
    env: 'dev',
    service: null,
    participants: [],
    ...fields,
  };
}

export function post(content: string, fields: Partial<PostCommand> = {}): PostCommand {
  return {
    op: 'post',
    content,
    contentType: 'text',
    clientId: null,
    messageId: null,
    replyTo: null,
    run: null,
    endRun: false,
    priority: null,
    interruptible: true,
    preemptedBy: null,
    metadata: {},
    ...fields,
  };
}

export function control(event: string, fields: Partial<ControlCommand> = {}): ControlCommand {
  return {
    op: 'control',
    event,
    target: null,
    reason: null,
    run: null,
    priority: null,
    preemptedBy: null,
    metadata: {},
    roleSuffices: false,
    ...fields,
  };
}

export function member(principal: Principal, role: ParticipantRole = 'member'): NewParticipant {
  return { id: principal.id, kind: principal.kind, role };
}
