/** Frames that change a conversation: one command each, answered when it is durable. */
import { Type } from '@sinclair/typebox';
import { type Frame, frame } from '../../contract/sockets/frame.ts';
import type { Bus, Outcome } from '../../core/bus.ts';
import type { Command, CommandContext } from '../../domain/command.ts';
import type { DataClass } from '../../domain/event.ts';
import { Problem } from '../../domain/problem.ts';
import type { Directory } from '../../ports/identity/identity-service.ts';
import type { Asker } from './asker.ts';
import { checkSizes, decodeControl, decodeParticipants, decodePost, normalId } from './decode.ts';
import { conversationView, lastEvent, positionReply, postReply } from './encode.ts';
import {
  ControlFrame,
  Create,
  Delete,
  Edit,
  Numbers,
  ParticipantAdd,
  ParticipantRemove,
  ParticipantRoleFrame,
  Position,
  Post,
  PostReply,
  React,
} from './wire.ts';

const Uuid = Type.String({ format: 'uuid' });
const PositionNumber = Type.Integer({ examples: [5] });
const ConversationReply = Type.Object({ conversation: Type.Object({ id: Uuid }) });
const EditReply = Type.Object({ position: PositionNumber, edit_count: Type.Integer() });
const ReactReply = Type.Object({
  action: Type.String({ description: '`added` or `removed`', examples: ['added'] }),
  position: PositionNumber,
});

/** The frames over a bus; `directory` knows which ids are principals. */
export function commandFrames(bus: Bus, directory: Directory): readonly Frame<Asker>[] {
  return [
    createFrame(bus, directory),
    postFrame(bus),
    editFrame(bus),
    deleteFrame(bus),
    reactFrame(bus),
    controlFrame(bus),
    addFrame(bus, directory),
    removeFrame(bus),
    roleFrame(bus),
  ];
}

function createFrame(bus: Bus, directory: Directory): Frame<Asker> {
  return frame(
    {
      op: 'create',
      summary: 'Makes a conversation; the creator is its owner.',
      schema: Create,
      reply: ConversationReply,
    },
    async (asker: Asker, fields) => {
      const refused = checkSizes('', fields.metadata);
      if (refused !== null) return refused;
      const { principal } = asker;
      const service = fields.service_id ?? principal.service;
      // Others of the tenant follow their service by its subjects, and a key of this one may not speak there.
      if (principal.service !== null && service !== principal.service)
        return new Problem('forbidden', undefined, { reason: 'other_service' });
      const participants = await decodeParticipants(directory, principal.tenant, fields.participants ?? []);
      if (participants instanceof Problem) return participants;
      const command = {
        op: 'create' as const,
        type: fields.type,
        name: fields.name ?? null,
        description: fields.description ?? null,
        metadata: fields.metadata ?? {},
        env: fields.env ?? asker.context.env ?? 'dev',
        service,
        participants,
      };
      const answer = ({ ref, state }: Outcome): object => ({ conversation: conversationView(ref, state) });
      return await send(bus, asker, bus.newConversationId(), command, answer, recordedWith(fields));
    },
  );
}

function postFrame(bus: Bus): Frame<Asker> {
  return frame(
    {
      op: 'post',
      rate: 'send',
      summary: 'Posts a message; the reply means durable.',
      schema: Post,
      reply: PostReply,
    },
    (asker: Asker, fields) => {
      const command = decodePost(fields);
      if (command instanceof Problem) return command;
      const recorded = {
        ...(fields.trace === undefined ? {} : { trace: fields.trace }),
        ...recordedWith(fields),
      };
      return send(bus, asker, fields.conversation, command, postReply, recorded);
    },
  );
}

function editFrame(bus: Bus): Frame<Asker> {
  return frame(
    {
      op: 'edit',
      summary: 'Changes the content of an own message; every version is kept.',
      schema: Edit,
      reply: EditReply,
    },
    (asker: Asker, fields) => {
      const { conversation, message, content, metadata } = fields;
      const refused = checkSizes(content, metadata);
      if (refused !== null) return refused;
      const command = {
        op: 'edit' as const,
        message: normalId(message),
        content,
        metadata: metadata ?? null,
      };
      const answer = (outcome: Outcome): object => {
        const event = lastEvent(outcome);
        const editCount = event?.type === 'message.edited' ? event.data.edit_count : 0;
        return { ...positionReply(outcome), edit_count: editCount };
      };
      return send(bus, asker, conversation, command, answer, recordedWith(fields));
    },
  );
}

function deleteFrame(bus: Bus): Frame<Asker> {
  return frame(
    {
      op: 'delete',
      summary: 'Erases a message; a tombstone keeps its id and seq.',
      schema: Delete,
      reply: Position,
    },
    (asker: Asker, { conversation, message }) =>
      send(bus, asker, conversation, { op: 'delete', message: normalId(message) }, positionReply),
  );
}

function reactFrame(bus: Bus): Frame<Asker> {
  return frame(
    { op: 'react', summary: 'Toggles a reaction.', schema: React, reply: ReactReply },
    (asker: Asker, { conversation, message, emoji }) =>
      send(bus, asker, conversation, { op: 'react', message: normalId(message), emoji }, (outcome) => {
        const event = lastEvent(outcome);
        return {
          action: event?.type === 'reaction.changed' ? event.data.action : 'added',
          ...positionReply(outcome),
        };
      }),
  );
}

function controlFrame(bus: Bus): Frame<Asker> {
  return frame(
    {
      op: 'control',
      summary: 'Pauses, resumes, preempts, cancels, routes, hands off.',
      schema: ControlFrame,
      reply: Numbers,
    },
    (asker: Asker, fields) => {
      const command = decodeControl(fields);
      if (command instanceof Problem) return command;
      const answer = (outcome: Outcome): object => {
        const event = lastEvent(outcome);
        return { id: event?.id ?? '', seq: event?.seq ?? outcome.state.seq, ...positionReply(outcome) };
      };
      return send(bus, asker, fields.conversation, command, answer, recordedWith(fields));
    },
  );
}

function addFrame(bus: Bus, directory: Directory): Frame<Asker> {
  return frame(
    { op: 'participants.add', summary: 'Adds a participant.', schema: ParticipantAdd, reply: Position },
    async (asker: Asker, { conversation, participant, role }) => {
      const given = typeof participant === 'string' ? { id: participant } : participant;
      const asked = { ...given, ...(role === undefined ? {} : { role }) };
      const decoded = await decodeParticipants(directory, asker.principal.tenant, [asked]);
      if (decoded instanceof Problem) return decoded;
      const [one] = decoded;
      if (one === undefined) return new Problem('invalid_request');
      return await send(bus, asker, conversation, { op: 'participant.add', participant: one }, positionReply);
    },
  );
}

function removeFrame(bus: Bus): Frame<Asker> {
  return frame(
    {
      op: 'participants.remove',
      summary: 'Removes a participant; oneself: leaves.',
      schema: ParticipantRemove,
      reply: Position,
    },
    (asker: Asker, { conversation, participant }) =>
      send(
        bus,
        asker,
        conversation,
        { op: 'participant.remove', participant: normalId(participant) },
        positionReply,
      ),
  );
}

function roleFrame(bus: Bus): Frame<Asker> {
  return frame(
    { op: 'participants.role', summary: 'Changes a role.', schema: ParticipantRoleFrame, reply: Position },
    (asker: Asker, { conversation, participant, role: wanted }) =>
      send(
        bus,
        asker,
        conversation,
        { op: 'participant.role', participant: normalId(participant), role: wanted },
        positionReply,
      ),
  );
}

/** One command of the asker; what it is answered says the outcome, or why there is none. */
async function send(
  bus: Bus,
  asker: Asker,
  conversation: string,
  command: Command,
  answer: (outcome: Outcome) => object,
  fields?: Partial<CommandContext>,
): Promise<object | Problem> {
  const context = bus.context(normalId(conversation), { ...asker.context, ...fields });
  const outcome = await bus.dispatch(asker.principal, command, context);
  return outcome instanceof Problem ? outcome : answer(outcome);
}

/** What a frame says of data class and policy, as the headers of HTTP do. */
function recordedWith(fields: { data_class?: DataClass; policy_ref?: string }): Partial<CommandContext> {
  const { data_class: dataClass, policy_ref: policyRef } = fields;
  // What is not said in the fields may have been said in the headers.
  return {
    ...(dataClass === undefined ? {} : { dataClass }),
    ...(policyRef === undefined ? {} : { policyRef }),
  };
}
