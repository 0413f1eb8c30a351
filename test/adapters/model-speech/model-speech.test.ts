import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import t, { type Test } from 'tap';
import { openModelSpeech } from '../../../src/adapters/model-speech/model-speech.ts';
import { limits } from '../../../src/domain/limits.ts';
import { Problem } from '../../../src/domain/problem.ts';
import type { Recording } from '../../../src/ports/agents/speech.ts';
import { tone, wave } from '../../kit/sound.ts';

const sound = wave(tone(0.1, 440));

/** A real endpoint that answers as the test says. */
async function endpoint(t: Test, answer: (request: IncomingMessage, response: ServerResponse) => void) {
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/chat/completions`;
  const named = { speechModel: 'speaks', voice: 'alto', transcriptionModel: 'hears' };
  const speech = openModelSpeech({ url, key: 'secret', ...named });
  t.teardown(async () => {
    speech.close();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return speech;
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(piece as Buffer);
  return Buffer.concat(pieces);
}

/** Pieces lie in one buffer, as those of a store do. */
function recording(bytes: Uint8Array): Recording {
  async function* pieces() {
    const buffer = Buffer.alloc(1_000);
    for (let at = 0; at < bytes.length; at += buffer.length) {
      const part = bytes.subarray(at, at + buffer.length);
      buffer.set(part);
      yield buffer.subarray(0, part.length);
    }
  }
  return { contentType: 'audio/wav', sizeBytes: bytes.length, pieces };
}

t.test('it asks as the audio API is asked', async (t) => {
  const speech = await endpoint(t, async (request, response) => {
    const { method, url, headers } = request;
    const body = await bodyOf(request);
    t.match([method, headers.authorization], ['POST', 'Bearer secret']);
    if (url === '/v1/audio/speech') {
      const asked = { model: 'speaks', voice: 'alto', input: 'hello', response_format: 'wav' };
      t.same(JSON.parse(body.toString()), asked);
      response.end(sound);
      return;
    }
    t.equal(url, '/v1/audio/transcriptions');
    const form = await new Response(body, {
      headers: { 'content-type': headers['content-type'] ?? '' },
    }).formData();
    t.same([form.get('model'), form.get('response_format')], ['hears', 'json']);
    const file = form.get('file') as File;
    t.same([file.name, file.type], ['recording.wav', 'audio/wav']);
    t.ok(sound.equals(Buffer.from(await file.arrayBuffer())), 'every byte');
    response.setHeader('content-type', 'application/json').end('{"text":" a tone \\n"}');
  });
  t.match(await speech.synthesize('hello'), { contentType: 'audio/wav', bytes: sound });
  t.equal(await speech.transcribe(recording(sound)), 'a tone');
});

t.test('what an endpoint says instead is a problem without its words', async (t) => {
  let status = 200;
  let said: string | Buffer = '';
  const speech = await endpoint(t, (request, response) => {
    request.resume();
    response.writeHead(status).end(said);
  });
  const codes: Record<number, string> = {
    ...{ 404: 'not_implemented', 405: 'not_implemented', 501: 'not_implemented', 413: 'too_large' },
    ...{ 400: 'invalid_request', 302: 'unavailable', 401: 'unavailable', 500: 'unavailable' },
  };
  for (const [wanted, code] of Object.entries(codes)) {
    [status, said] = [Number(wanted), 'a secret of the endpoint'];
    for (const outcome of [await speech.synthesize('hello'), await speech.transcribe(recording(sound))]) {
      t.match(outcome, { code }, wanted);
      t.notMatch(outcome, { message: /secret/ });
    }
  }
  status = 200;
  for (const nothing of ['', 'RIFF', '<html>', '{"text":1}', '[]', 'null']) {
    said = nothing;
    t.match(await speech.synthesize('hello'), { code: 'unavailable' }, nothing);
    t.match(await speech.transcribe(recording(sound)), { code: 'unavailable' }, nothing);
  }
  said = Buffer.from('ID3\u0004 and so on');
  t.match(await speech.synthesize('hello'), { contentType: 'audio/mpeg' });
  said = Buffer.alloc(limits.transcriptBytesMax + 1, ' ');
  t.match(await speech.transcribe(recording(sound)), { code: 'unavailable' }, 'more than is read');
});

t.test('a recording that breaks off, and an endpoint that does', async (t) => {
  const speech = await endpoint(t, (request) => {
    request.once('data', () => request.socket.destroy());
  });
  t.match(await speech.synthesize('hello'), { code: 'unavailable' });
  const whole = recording(sound);
  async function* pieces() {
    yield Buffer.from('RIFF');
    yield new Problem('not_found', 'The bytes are gone.');
  }
  const open = await endpoint(t, (request) => void request.resume());
  t.match(await open.transcribe({ ...whole, pieces }), { code: 'not_found', message: 'The bytes are gone.' });
});

t.test('an endpoint that answers before it has read the recording is heard', async (t) => {
  const speech = await endpoint(t, (_, response) => void response.writeHead(413).end());
  const large = new Uint8Array(20_000_000);
  t.match(await speech.transcribe(recording(large)), { code: 'too_large' });
});
