/** Examples of frames, events and subjects, as AsyncAPI and the texts show them. */
import t from 'tap';
import { declaredMessages, staticDocuments } from '../../../src/compose/documents/documents.ts';
import { compileCheck } from '../../../src/contract/checking/check.ts';
import * as example from '../../../src/contract/documents/message-examples.ts';
import { schemaCheck } from '../../kit/json-schema-check.ts';
import { danglingReferences } from '../../kit/references.ts';

interface Message {
  readonly name: string;
  readonly payload: object;
  readonly examples?: readonly { readonly payload: unknown }[];
}
interface Document {
  readonly channels: Readonly<Record<string, { readonly messages: Readonly<Record<string, Message>> }>>;
  readonly operations: object;
  readonly components: object;
}

const { sockets, eventSockets, subjects } = declaredMessages();
const document = JSON.parse(staticDocuments('1.2.3').asyncApi()) as Document;
const messages = Object.entries(document.channels).flatMap(([channel, { messages }]) =>
  Object.values(messages).map((message) => ({ where: `${channel} ${message.name}`, ...message })),
);

t.test('the document refers to nothing that is missing', async (t) => {
  t.same(danglingReferences(document), []);
  t.ok(messages.length > 40);
});

t.test('every example is what its schema says', async (t) => {
  const check = schemaCheck(document);
  const shown = messages.flatMap(({ where, payload, examples = [] }) =>
    examples.map((one) => ({ where, payload, value: one.payload })),
  );
  t.ok(shown.length > 40);
  for (const { where, payload, value } of shown) t.equal(check(payload, value), '', where);
});

t.test('every frame, event, answer and subject is shown', async (t) => {
  // What an event or a subject carries may be anything at all.
  const bare = messages.filter(({ examples, payload }) => examples === undefined && 'type' in payload);
  t.same(
    bare.map(({ where }) => `${where}: give its fields \`examples\`, or it an \`example\``),
    [],
  );
});

t.test('a node would take each frame, event and request that is shown', async (t) => {
  for (const frame of sockets.flatMap(({ frames }) => frames)) {
    const fields = example.frameExample(frame);
    if (fields !== undefined) t.ok(compileCheck(frame.schema).accepts(fields), frame.op);
  }
  for (const event of eventSockets.flatMap(({ events }) => events)) {
    const argument = example.eventExample(event);
    if (argument !== undefined) t.ok(compileCheck(event.schema).accepts(argument), event.name);
  }
  for (const subject of subjects.filter(({ action }) => action === 'receive')) {
    const message = example.subjectExample(subject);
    if (message !== undefined) t.ok(compileCheck(subject.schema).accepts(message), subject.name);
  }
});
