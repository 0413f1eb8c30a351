/**
 * How a frame of a socket is declared: once, like operation(). From one declaration come the compiled
 * check, the type of what runs it, and AsyncAPI.
 */
import { type Static, type TObject, type TSchema, Type } from '@sinclair/typebox';
import type { RateClass } from '../../domain/limiting/rates.ts';
import { limits } from '../../domain/limits.ts';
import { Problem } from '../../domain/problem.ts';
import { type Check, compileCheck } from '../checking/check.ts';
import type { Json, JsonObject } from '../checking/json-text.ts';

export interface FrameDeclaration<S extends TObject> {
  /** What it is, as the frame says itself (FrameForm): `post`, `participants.add`. */
  readonly op: string;
  readonly summary: string;
  /** All fields but `op` and `id`. */
  readonly schema: S;
  /** Fields of a successful reply besides `re` and `ok`; null: a frame that is not answered. */
  readonly reply: TObject | null;
  /** Which token bucket it takes from; default `write`. */
  readonly rate?: RateClass;
  /** For AsyncAPI; a test checks it against the schemas. */
  readonly example?: { readonly fields: object; readonly reply?: object };
}

/** The frame sent its reply itself, because frames that follow from it had to come after the reply. */
export const alreadyAnswered: unique symbol = Symbol('already answered');

/** What a frame leads to: fields of the reply, null for none, or the refusal. */
export type FrameAnswer = object | null | Problem | typeof alreadyAnswered;

/** A declaration bound to what answers it, for sockets whose sessions are a `Session`. */
export interface Frame<Session> extends FrameDeclaration<TObject> {
  readonly run: (session: Session, fields: never, id: string | null) => Promise<FrameAnswer> | FrameAnswer;
}

/** Declares a frame; annotate `session`, `fields` follows from the schema. */
export function frame<S extends TObject, Session>(
  declaration: FrameDeclaration<S>,
  run: (session: Session, fields: Static<S>, id: string | null) => Promise<FrameAnswer> | FrameAnswer,
): Frame<Session> {
  return { ...declaration, run: run as unknown as Frame<Session>['run'] };
}

/** What the server sends without being asked. */
export interface PushDeclaration {
  readonly name: string;
  readonly summary: string;
  readonly schema: TSchema;
  readonly example?: object;
}

/** A checked frame, ready to run: `frame.run(session, fields)`. */
export interface ReadFrame<Session> {
  readonly frame: Frame<Session>;
  /** `id` of the frame: its reply repeats it. Null: only a problem is answered. */
  readonly id: string | null;
  readonly fields: never;
}

/** A refused frame, with its id as far as it could be read. */
export interface RefusedFrame {
  readonly problem: Problem;
  readonly id: string | null;
}

const FrameId = Type.Union([Type.String({ maxLength: limits.frameIdCharsMax }), Type.Null()]);

/** How the frames of a socket say what they are, and which reply is theirs. */
export interface FrameForm {
  /** The field that holds FrameDeclaration.op. */
  readonly opField: string;
  /** Frames have an `id`, replies repeat it as `re` with `ok`. False: schemas and replies are declared whole. */
  readonly hasIds: boolean;
}

const usualForm: FrameForm = { opField: 'op', hasIds: true };

/**
 * Compiles the frames of a socket. The result finds a decoded frame's declaration by its `op` and checks
 * it: one property read, one map lookup, one compiled check.
 */
export function compileFrames<Session>(
  frames: readonly Frame<Session>[],
  { opField, hasIds }: FrameForm = usualForm,
): (value: Json) => ReadFrame<Session> | RefusedFrame {
  const table = new Map<string, { readonly frame: Frame<Session>; readonly check: Check<TObject> }>();
  for (const frame of frames) {
    if (table.has(frame.op)) throw new Error(`The frame ${frame.op} is declared twice`);
    table.set(frame.op, { frame, check: compileCheck(frame.schema) });
  }
  const idCheck = compileCheck(Type.Object({ id: Type.Optional(FrameId) }));
  return (value) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      return refuse(notAnObject(), null);
    if (hasIds && !idCheck.accepts(value)) return refuse(idCheck.refusal(value), null);
    const id = hasIds ? ((value as { readonly id?: string | null }).id ?? null) : null;
    const op = (value as JsonObject)[opField];
    const found = typeof op === 'string' ? table.get(op) : undefined;
    if (found === undefined) return refuse(unknownOp(op, opField), id);
    if (!found.check.accepts(value)) return refuse(found.check.refusal(value), id);
    return { frame: found.frame, id, fields: value as never };
  };
}

/** Tells the two results of a compiled frame reader apart. */
export function isRefused<Session>(read: ReadFrame<Session> | RefusedFrame): read is RefusedFrame {
  return 'problem' in read;
}

function refuse(problem: Problem, id: string | null): RefusedFrame {
  return { problem, id };
}

function notAnObject(): Problem {
  return new Problem('invalid_request', 'A frame is a JSON object.', { reason: 'not_an_object' });
}

function unknownOp(op: Json | undefined, opField: string): Problem {
  if (typeof op === 'string') return new Problem('unknown_op');
  const reason = op === undefined ? 'required' : 'type';
  const fields = [{ path: opField, reason }];
  return new Problem('invalid_request', `A frame names its \`${opField}\`.`, { fields });
}
