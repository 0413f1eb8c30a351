/** What the documents are made of beside HTTP dialects: sockets, vocabularies of Socket.IO, subjects of NATS. */
import type { TObject, TSchema } from '@sinclair/typebox';
import type { EventDeclaration } from '../sockets/event-socket.ts';
import type { FrameDeclaration, FrameForm, PushDeclaration } from '../sockets/frame.ts';

/** A socket protocol: what clients send, what is answered, what comes unasked. */
export interface SocketDeclaration {
  readonly name: string;
  readonly title: string;
  readonly description?: string;
  readonly path: string;
  readonly frames: readonly FrameDeclaration<TObject>[];
  readonly pushes: readonly PushDeclaration[];
  /** Absent: `op`, `id`, and replies with `re` and `ok`. */
  readonly form?: FrameForm & { readonly refused: { readonly schema: TObject; readonly example: object } };
}

/** A vocabulary of Socket.IO: what clients emit and how it is acknowledged, what they are sent. */
export interface EventSocketDeclaration {
  readonly name: string;
  readonly title: string;
  readonly description?: string;
  /** `/socket.io` */
  readonly path: string;
  readonly events: readonly EventDeclaration<TSchema>[];
  readonly pushes: readonly PushDeclaration[];
  /** The acknowledgement of a refused event, as an example. */
  readonly refusal: unknown;
}

/** A subject of NATS, as a client sees it. */
export interface SubjectDeclaration {
  readonly name: string;
  readonly summary: string;
  /** `live.{tenant}.{service}.{conversation}.{kind}` */
  readonly address: string;
  readonly parameters: Readonly<
    Record<string, { readonly description: string; readonly enum?: readonly string[] }>
  >;
  /** `send`: Parley publishes it. `receive`: clients request it. */
  readonly action: 'send' | 'receive';
  readonly schema: TSchema;
  readonly reply?: TSchema;
  readonly example?: { readonly message: unknown; readonly reply?: unknown };
}

/** Everything that clients reach by sockets and by NATS. */
export interface Declarations {
  readonly sockets: readonly SocketDeclaration[];
  readonly eventSockets: readonly EventSocketDeclaration[];
  readonly subjects: readonly SubjectDeclaration[];
}
