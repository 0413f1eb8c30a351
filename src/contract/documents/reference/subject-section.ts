/** NATS as a section: an entry for each subject. */
import type { SubjectDeclaration } from '../declarations.ts';
import { subjectExample, subjectReplyExample } from '../message-examples.ts';
import { type Block, code, type Entry, idOf, type Section, table, text } from './reference.ts';
import { fieldsTable, typeOf } from './schema-rows.ts';

const words =
  'For services. Connect with an access token or API key as the token of NATS and the inbox prefix ' +
  '`_INBOX_<own id>`; the connection may do what the key allows. Users and agents may request; following `live` and ' +
  '`pulse` is for services with `cap:messaging.observe`. Ids that are not NATS-safe are base64url-encoded in subjects. ' +
  'Events have the shapes that the native protocol lists.';

export function subjectSection(subjects: readonly SubjectDeclaration[]): Section {
  return { id: 'nats', title: 'NATS subjects', blocks: [text(words)], entries: subjects.map(entryOf) };
}

function entryOf(subject: SubjectDeclaration): Entry {
  const { name, summary, address, parameters, action, schema, reply } = subject;
  const rows = Object.entries(parameters).map(([parameter, about]) => [
    `\`${parameter}\``,
    about.description,
    about.enum?.join(', ') ?? '',
  ]);
  return {
    id: idOf('nats', name),
    title: address.replaceAll('{', '<').replaceAll('}', '>'),
    summary,
    blocks: [
      text(action === 'send' ? 'Published by Parley.' : 'Requested by the client.'),
      table(['token', 'what', 'values'], rows),
      ...(schema.title === undefined && schema['anyOf'] === undefined
        ? []
        : [text(`Type: ${typeOf(schema)}.`)]),
      ...fieldsTable(schema),
      ...line('Message', subjectExample(subject)),
      ...(reply === undefined ? [] : [text('Fields of the reply:'), ...fieldsTable(reply)]),
      ...line('Reply', subjectReplyExample(subject)),
    ],
  };
}

function line(label: string, value: unknown): readonly Block[] {
  return value === undefined ? [] : [code(label, JSON.stringify(value))];
}
