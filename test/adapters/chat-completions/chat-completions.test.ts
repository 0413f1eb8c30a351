import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import t, { type Test } from 'tap';
import { openChatCompletions } from '../../../src/adapters/chat-completions/chat-completions.ts';
import { promptOf } from '../../../src/adapters/chat-completions/prompt.ts';
import { limits } from '../../../src/domain/limits.ts';
import { Problem } from '../../../src/domain/problem.ts';
import type { ModelRequest } from '../../../src/ports/agents/model.ts';
import { until } from '../../kit/log-entries.ts';

const request: ModelRequest = {
  ...{ tenant: 't', conversation: 'c', type: 'private', message: 'm' },
  agent: { id: 'a', displayName: 'Iris', jobTitle: 'Gardener', bio: 'Knows roses.', character: null },
  messages: [
    { role: 'other', name: 'Ann', text: 'hello' },
    { role: 'self', name: 'Iris', text: 'hello Ann' },
    { role: 'other', name: 'Bob', text: 'and I?' },
  ],
};

type Answering = (request: IncomingMessage, response: ServerResponse, body: string) => void;

/** A real endpoint that answers as the test says. */
async function endpoint(t: Test, answering: Answering, key: string | null = null, path = '/v1') {
  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (piece: string) => {
      body += piece;
    });
    request.on('end', () => answering(request, response, body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`;
  const model = openChatCompletions({ url, key, model: 'small' });
  t.teardown(async () => {
    model.close();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return model;
}

const line = (content: string, more: object = {}): string =>
  `data: ${JSON.stringify({ choices: [{ delta: { content }, ...more }] })}\n\n`;

const stream = { 'content-type': 'text/event-stream; charset=utf-8' };

async function heard(model: ReturnType<typeof openChatCompletions>, signal = new AbortController().signal) {
  const pieces: (string | Problem)[] = [];
  for await (const piece of model.answer(request, signal)) pieces.push(piece);
  return pieces;
}

t.test('it asks as chat completions are asked, and says the pieces as they come', async (t) => {
  for (const path of ['/v1', '/v1/', '/v1/chat/completions']) {
    const asked: unknown[] = [];
    const model = await endpoint(
      t,
      ({ method, url, headers }, response, body) => {
        asked.push(method, url, headers.authorization, JSON.parse(body));
        response.writeHead(200, stream);
        response.end(
          `: a comment\n\n${line('Hel')}${line('lo, ')}${line('Bob')}data: {"choices":[]}\n\ndata: [DONE]\n\n`,
        );
      },
      'secret',
      path,
    );
    t.same(await heard(model), ['Hel', 'lo, ', 'Bob']);
    const expected = { model: 'small', stream: true, messages: promptOf(request) };
    t.same(
      asked,
      ['POST', '/v1/chat/completions', 'Bearer secret', JSON.parse(JSON.stringify(expected))],
      path,
    );
  }
});

t.test('the agent is introduced, and in groups each message names its author', async (t) => {
  const [introduction, ...said] = promptOf({ ...request, type: 'group' });
  t.match(introduction, { role: 'system', content: /^You are Iris, Gardener\. Knows roses\./ });
  t.same(said, [
    { role: 'user', content: 'Ann: hello' },
    { role: 'assistant', content: 'hello Ann' },
    { role: 'user', content: 'Bob: and I?' },
  ]);
  t.equal(promptOf(request).at(-1)?.content, 'and I?');
});

t.test('a character says how its agent speaks, in place of the introduction', async (t) => {
  const character = {
    system: 'You are a pirate.',
    bio: ['Born at sea.', 'Hates fruit.'],
    style: ['says arr'],
    topics: ['ships'],
    adjectives: ['loud', 'kind'],
    examples: [
      [
        { name: 'Somebody', text: 'Hello?' },
        { name: 'Iris', text: 'Arr.' },
      ],
    ],
    temperature: 0.3,
  };
  const asked = { ...request, agent: { ...request.agent, character } };
  const [introduction] = promptOf(asked);
  t.match(introduction?.content, /^You are a pirate\. Born at sea\. Hates fruit\. You take part/);
  for (const part of [
    'Iris is loud, kind.',
    'knows about: ships.',
    '- says arr',
    'Somebody: Hello?\nIris: Arr.',
  ])
    t.ok(introduction?.content.includes(part), part);
  t.notMatch(introduction?.content, /Gardener|roses/);
  let sent: unknown;
  const model = await endpoint(t, (_, response, body) => {
    sent = JSON.parse(body);
    response.writeHead(200, stream).end('data: [DONE]\n\n');
  });
  for await (const _ of model.answer(asked, new AbortController().signal)) t.fail('it says nothing');
  t.match(sent, { temperature: 0.3, stream: true });
});

t.test('a message without words is told as one, because endpoints want a text', async (t) => {
  const messages = [{ role: 'other', name: 'Ann', text: ' ' }] as const;
  const texts = (type: ModelRequest['type']) => promptOf({ ...request, type, messages }).at(-1)?.content;
  t.equal(texts('private'), '(a message without words)');
  t.equal(texts('group'), 'Ann: (a message without words)');
});

t.test('characters and lines that are cut anywhere arrive whole', async (t) => {
  const bytes = Buffer.from(`${line('\u{1f600}é')}${line(' end', { finish_reason: 'stop' })}`);
  const model = await endpoint(t, (_, response) => {
    response.writeHead(200, stream);
    const write = (at: number): void => {
      if (at >= bytes.length) return void response.end();
      response.write(bytes.subarray(at, at + 1), () => setImmediate(write, at + 1));
    };
    write(0);
  });
  t.same(await heard(model), ['\u{1f600}é', ' end'], 'and a finish reason is an end, too');
});

const broken: Record<string, Answering> = {
  'an error': (_, response) => response.writeHead(500).end('no'),
  'a refused key': (_, response) => response.writeHead(401, stream).end(),
  'a redirect': (_, response) => response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end(),
  'a page': (_, response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<p>'),
  'an end too soon': (_, response) => response.writeHead(200, stream).end(line('half')),
  'a broken connection': (_, response) => {
    response.writeHead(200, stream);
    response.write(line('half'), () => response.destroy());
  },
  'an endless line': (_, response) => {
    response.writeHead(200, stream);
    response.on('error', () => undefined);
    response.end(`data: ${'x'.repeat(limits.modelLineCharsMax + 1_000)}`);
  },
  'an endless answer': (_, response) => {
    response.writeHead(200, stream);
    response.on('error', () => undefined);
    const some = line('').repeat(5_000);
    const more = (): void => {
      if (!response.destroyed) response.write(some, more);
    };
    more();
  },
};

for (const [what, answering] of Object.entries(broken)) {
  t.test(`${what} is a problem, and nothing throws`, async (t) => {
    const pieces = await heard(await endpoint(t, answering));
    t.match(pieces.at(-1), { code: 'unavailable' });
    t.ok(pieces.at(-1) instanceof Problem);
    t.ok(pieces.slice(0, -1).every((piece) => typeof piece === 'string'));
  });
}

t.test('what is refused for what was asked is told apart: the endpoint is well', async (t) => {
  for (const status of [400, 413, 422]) {
    const model = await endpoint(t, (_, response) => response.writeHead(status).end('no'));
    t.match(await heard(model), [{ code: 'invalid_request' }]);
  }
});

t.test('an endpoint that is not there is a problem', async (t) => {
  const model = openChatCompletions({ url: 'http://127.0.0.1:1/v1', key: null, model: 'small' });
  t.match(await heard(model), [{ code: 'unavailable' }]);
  model.close();
});

t.test('nonsense in the stream is passed over', async (t) => {
  const lines = [
    'data: {',
    'data: null',
    'data: 7',
    'data: {"choices":{}}',
    'data: {"choices":[{"delta":{"content":7}}]}',
    'event: x',
  ];
  const model = await endpoint(t, (_, response) => {
    response.writeHead(200, stream);
    response.end(`${lines.join('\n\n')}\n\n${line('sense')}data: [DONE]\n\n`);
  });
  t.same(await heard(model), ['sense']);
});

t.test('whoever stops it ends the request, also while it is silent', async (t) => {
  let isClosed = false;
  const model = await endpoint(t, (request, response) => {
    response.writeHead(200, stream);
    response.write(line('half'));
    request.socket.on('close', () => {
      isClosed = true;
    });
  });
  const stop = new AbortController();
  const pieces = model.answer(request, stop.signal)[Symbol.asyncIterator]();
  t.same((await pieces.next()).value, 'half');
  const next = pieces.next();
  stop.abort();
  t.ok((await next).value instanceof Problem);
  await until(() => isClosed);
});
