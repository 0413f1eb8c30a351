/** What frames, events and messages may look like: as declared, else as their schemas say. Undefined: not known. */
import type { TObject, TSchema } from '@sinclair/typebox';
import type { EventDeclaration } from '../sockets/event-socket.ts';
import type { FrameDeclaration, FrameForm, PushDeclaration } from '../sockets/frame.ts';
import type { SubjectDeclaration } from './declarations.ts';
import { noSample, sampleOf } from './sample.ts';

/** The `id` that the examples of frames carry, and their replies repeat. */
const frameId = '7';

export function frameExample(
  { op, schema, example }: FrameDeclaration<TObject>,
  form?: FrameForm,
): object | undefined {
  const fields = example?.fields ?? sampled(schema);
  if (fields === undefined) return undefined;
  if (form?.hasIds === false) return { [form.opField]: op, ...(fields as object) };
  return { op, id: frameId, ...(fields as object) };
}

export function frameReplyExample(
  { reply, example }: FrameDeclaration<TObject>,
  form?: FrameForm,
): object | undefined {
  const fields = reply === null ? undefined : (example?.reply ?? sampled(reply));
  if (fields === undefined) return undefined;
  return form?.hasIds === false ? (fields as object) : { re: frameId, ok: true, ...(fields as object) };
}

export function pushExample({ schema, example }: PushDeclaration): unknown {
  return example ?? sampled(schema);
}

export function eventExample({ schema, example }: EventDeclaration<TSchema>): unknown {
  return example === undefined ? sampled(schema) : example.argument;
}

export function ackExample({ ack, example }: EventDeclaration<TSchema>): unknown {
  return example?.ack ?? sampled(ack);
}

export function subjectExample({ schema, example }: SubjectDeclaration): unknown {
  return example === undefined ? sampled(schema) : example.message;
}

export function subjectReplyExample({ reply, example }: SubjectDeclaration): unknown {
  return reply === undefined ? undefined : (example?.reply ?? sampled(reply));
}

function sampled(schema: TSchema): unknown {
  const sample = sampleOf(schema);
  return sample === noSample ? undefined : sample;
}
