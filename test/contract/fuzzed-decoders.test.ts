/** Every decoder of what strangers send answers a value or a Problem, whatever it is given: it never throws. */
import { Buffer } from 'node:buffer';
import fc, { type Arbitrary } from 'fast-check';
import t from 'tap';
import { parseClientName } from '../../src/adapters/jetstream/door/client-name.ts';
import { readEntry } from '../../src/adapters/jetstream/log/entry-headers.ts';
import { refOfLogSubject } from '../../src/adapters/jetstream/subjects.ts';
import { decodeCursor as decodeListCursor } from '../../src/adapters/postgres/projection/read/lists/list-cursor.ts';
import { declaredDialects, declaredFrames } from '../../src/compose/documents/documents.ts';
import { compileCheck } from '../../src/contract/checking/check.ts';
import { decodeJson } from '../../src/contract/checking/json-text.ts';
import { compileParameters, decodeText, readQuery } from '../../src/contract/checking/parameters.ts';
import { readCredentials } from '../../src/contract/credentials.ts';
import { compileFrames } from '../../src/contract/sockets/frame.ts';
import { decodeCursor } from '../../src/dialects/native/decode.ts';
import { veroFrameForm } from '../../src/dialects/vero/chat/socket/index.ts';
import { parseMicros } from '../../src/domain/time.ts';
import { fuzzing } from '../kit/hostile/fuzzing.ts';
import { garbled, hostileTexts, hostileValue, mutated } from '../kit/hostile/hostile-arbitrary.ts';
import { arbitraryOf } from '../kit/hostile/schema-arbitrary.ts';

const parameters = { ...fuzzing.parameters, numRuns: fuzzing.parameters.numRuns * 40 };
const texts: Arbitrary<string> = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 200 }),
  fc.string({ maxLength: 200 }),
  fc.constantFrom(...hostileTexts),
);
const bytes: Arbitrary<Uint8Array> = fc.oneof(
  fc.uint8Array({ maxLength: 300 }),
  garbled(hostileValue.map((value) => JSON.stringify(value) ?? '')),
);

function never<T>(values: Arbitrary<T>, decode: (value: T) => unknown): void {
  fc.assert(
    fc.property(values, (value) => void decode(value)),
    parameters,
  );
}

t.test('texts', (t) => {
  never(bytes, decodeJson);
  never(texts, readQuery);
  never(texts, (text) => decodeText(text, true));
  never(texts, parseMicros);
  never(texts, decodeListCursor);
  never(
    bytes.map((one) => Buffer.from(one).toString('base64url')),
    decodeListCursor,
  );
  never(fc.oneof(texts, fc.double()), decodeCursor);
  never(fc.tuple(texts, texts, texts), ([authorization, key, cookie]) =>
    readCredentials(authorization, key, cookie, ['token', 'symbia_session']),
  );
  t.pass('every one answered');
  t.end();
});

t.test('parameters and bodies of every route', (t) => {
  const pairs = fc.array(fc.tuple(texts, texts), { maxLength: 6 });
  for (const { schemas } of declaredDialects().flatMap(({ operations }) => operations)) {
    for (const schema of [schemas.query, schemas.params]) {
      const read = compileParameters(schema);
      const names = Object.keys(schema?.properties ?? {});
      const named = fc.array(fc.tuple(fc.constantFrom('x', ...names), texts), { maxLength: 6 });
      fc.assert(
        fc.property(fc.oneof(pairs, named), (some) => void read(some)),
        fuzzing.parameters,
      );
    }
    if (schemas.body === undefined) continue;
    const check = compileCheck(schemas.body);
    const right = arbitraryOf(schemas.body);
    fc.assert(
      fc.property(right, (value) => check.accepts(value)),
      fuzzing.parameters,
    );
    fc.assert(
      fc.property(fc.oneof(mutated(right), hostileValue), (value) => {
        if (!check.accepts(value)) check.refusal(value);
      }),
      fuzzing.parameters,
    );
  }
  t.pass('every one answered');
  t.end();
});

for (const [socket, form] of [
  ['native', { opField: 'op', hasIds: true }],
  ['vero-messaging', veroFrameForm],
] as const) {
  t.test(`frames of the socket ${socket}`, (t) => {
    const read = compileFrames(
      declaredFrames(socket).map((one) => ({ ...one, run: () => null })),
      form,
    );
    never(hostileValue, (value) => read(value as Parameters<typeof read>[0]));
    for (const { op, schema } of declaredFrames(socket)) {
      const frames = mutated(arbitraryOf(schema)).map((fields) => ({
        ...(fields as object),
        [form.opField]: op,
      }));
      fc.assert(
        fc.property(frames, (value) => void read(value as Parameters<typeof read>[0])),
        fuzzing.parameters,
      );
    }
    t.pass('every one answered');
    t.end();
  });
}

t.test(
  'a log message that is no event is refused with an error, and its subject tells no place of another',
  (t) => {
    never(bytes, (body) => {
      try {
        readEntry(body, undefined, 1);
      } catch (error) {
        if (!(error instanceof Error)) throw error;
      }
    });
    never(texts, (subject) => refOfLogSubject(subject));
    never(texts, (user) => parseClientName(user));
    t.pass('every one answered');
    t.end();
  },
);
