/** Files of agents and channels, by the official client and as browsers send and read them. */
import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { json } from 'node:stream/consumers';
import t from 'tap';
import { limits } from '../../../src/domain/limits.ts';
import { signUp } from '../../kit/clients/accounts.ts';
import { call } from '../../kit/clients/http-client.ts';
import { tone, wave } from '../../kit/sound.ts';
import { eliza, key, openOfficialClient, person } from './client/official-client.ts';

t.setTimeout(120_000);

const { client, url } = await openOfficialClient(t);
const channel = person(7);
const sound = wave(tone(0.2, 440));
/** One pixel. */
const picture = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);
const asServer = { 'x-api-key': key };
const png = 'image/png';

interface Uploaded {
  readonly url: string;
  readonly type: string;
  readonly filename: string;
  readonly originalName: string;
  readonly size: number;
}

const form = (bytes: Uint8Array | string, type: string, name: string, field = 'file'): FormData => {
  const one = new FormData();
  one.append(field, new Blob([bytes], { type }), name);
  return one;
};

async function send(path: string, body: FormData | string, headers: object = asServer) {
  const answer = await fetch(`${url}${path}`, { method: 'POST', body, headers: { ...headers } });
  return { status: answer.status, body: (await answer.json()) as { data: Uploaded; error: unknown } };
}

/** Only says how large its body is, and waits: who still sends may meet the end of the connection before the answer. */
async function announce(path: string, bytes: number) {
  const headers = { ...asServer, 'content-type': 'multipart/form-data; boundary=x', 'content-length': bytes };
  const asking = request(`${url}${path}`, { method: 'POST', headers });
  asking.on('error', () => undefined); // once() has it while the answer is waited for; afterwards it means nothing
  asking.flushHeaders();
  const [answer] = (await once(asking, 'response')) as [IncomingMessage];
  const body = (await json(answer)) as Awaited<ReturnType<typeof send>>['body'];
  asking.destroy();
  return { status: answer.statusCode, body };
}

async function read(path: string, headers: object = {}) {
  const answer = await fetch(`${url}${path}`, { headers: { ...headers } });
  const bytes = Buffer.from(await answer.arrayBuffer());
  return { status: answer.status, headers: answer.headers, bytes };
}

t.test('the official client uploads for an agent and for a channel', async (t) => {
  const file = new Blob([picture], { type: png });
  const forAgent = await client.media.uploadAgentMedia<Uploaded>(eliza, { file, filename: 'harbour.png' });
  t.match(forAgent, { type: 'image', originalName: 'harbour.png', size: picture.length });
  t.match(forAgent.url, new RegExp(`^/media/uploads/agents/${eliza}/${forAgent.filename}\\?`));
  t.match(forAgent.filename, /^\d{13}-[0-9a-f-]{36}\.png$/);
  const named = new File([sound], 'hello.wav', { type: 'audio/wav' });
  const forChannel = await client.media.uploadChannelMedia<Uploaded>(channel, named);
  t.match(forChannel, { type: 'audio/wav', originalName: 'hello.wav', size: sound.length });
  t.match(forChannel.url, new RegExp(`^/media/uploads/channels/${channel}/`));
  for (const [uploaded, bytes] of [
    [forAgent, picture],
    [forChannel, sound],
  ] as const) {
    const found = await read(uploaded.url);
    t.equal(found.status, 200);
    t.ok(found.bytes.equals(bytes), uploaded.originalName);
  }
});

t.test('every address takes uploads, ids in any case', async (t) => {
  for (const path of [
    `/api/media/agents/${eliza.toUpperCase()}/upload-media`,
    `/api/media/${eliza}/upload`,
    `/api/messaging/channels/${channel.toUpperCase()}/upload-media`,
    `/api/media/channels/${channel}/upload-media`,
    `/api/media/channels/${channel}/upload`,
  ]) {
    const { status, body } = await send(path, form(picture, png, 'a.png'));
    t.equal(status, 200, path);
    t.match(body, { success: true, data: { size: picture.length } }, path);
    t.equal((await read(body.data.url)).status, 200, path);
  }
});

t.test('a file is read with a credential of its tenant or by its signed URL, by nobody else', async (t) => {
  const { data } = (await send(`/api/media/agents/${eliza}/upload-media`, form(picture, png, 'a.png'))).body;
  const [path = '', query = ''] = data.url.split('?');
  const stranger = await signUp({ url });
  const asStranger = { authorization: `Bearer ${stranger.token}` };
  t.equal((await read(path, asServer)).status, 200, 'the key of its tenant');
  t.equal((await read(path)).status, 401, 'nobody');
  t.equal((await read(path, asStranger)).status, 404, 'somebody of another tenant');
  t.equal((await read(data.url, asStranger)).status, 200, 'who was given the URL');
  const changed = (name: string, value: string): string => {
    const parameters = new URLSearchParams(query);
    parameters.set(name, value);
    return `${path}?${parameters}`;
  };
  t.equal((await read(changed('expires', '9999999999'))).status, 403, 'for longer');
  t.equal((await read(changed('tenant', stranger.tenant))).status, 403, 'of another tenant');
  t.equal((await read(`${path.replace('/agents/', '/channels/')}?${query}`)).status, 403);
  t.equal((await read(path.replace('/agents/', '/channels/'), asServer)).status, 404, 'in another folder');
  t.equal((await read(path.replace(eliza, person(1)), asServer)).status, 404, 'of another agent');
  t.equal((await read(path.replace('.png', '.html'), asServer)).status, 404, 'by another ending');
  for (const name of ['x', '..%2f..%2fetc%2fpasswd', '1-x.png', '%00'])
    t.ok([400, 404].includes((await read(`/media/uploads/agents/${eliza}/${name}`, asServer)).status), name);
  t.equal((await read('/media/uploads/agents/x/y', asServer)).status, 400, 'no UUID');
  const refusal = async (at: string) => {
    const { status, body } = await call({ url }, 'GET', at, { token: key });
    return [status, body];
  };
  const missing = [404, { error: 'File not found' }];
  t.strictSame(await refusal(`/media/uploads/agents/${eliza}/1-x.png`), missing);
  t.strictSame(await refusal(`/media/generated/${eliza}/1-x.png`), missing, 'nothing is generated here');
  t.match(await refusal('/media/uploads/agents/x/y'), [400, { error: String }]);
  const head = await fetch(`${url}${data.url}`, { method: 'HEAD' });
  t.equal(head.headers.get('content-length'), String(picture.length));
});

t.test('files are shown or saved by what they are, and read in ranges', async (t) => {
  const uploaded = async (bytes: Uint8Array | string, type: string, name: string) => {
    const { body } = await send(`/api/media/channels/${channel}/upload`, form(bytes, type, name));
    return { path: body.data.url, ...(await read(body.data.url)) };
  };
  const shown = await uploaded(picture, png, 'größe.png');
  t.equal(shown.headers.get('content-type'), png);
  t.match(
    shown.headers.get('content-disposition'),
    /^inline; filename="gr__e.png"; filename\*=UTF-8''gr%C3%B6/,
  );
  t.equal(shown.headers.get('x-content-type-options'), 'nosniff');
  const page = '<script>alert(1)</script>';
  for (const [type, name] of [
    [png, 'page.png'],
    ['text/plain', 'page.html'],
  ] as const) {
    const saved = await uploaded(page, type, name);
    t.match(saved.headers.get('content-disposition'), /^attachment/, name);
    t.equal(saved.headers.get('content-type'), type);
  }
  const part = await read(shown.path, { range: 'bytes=1-3' });
  t.same([part.status, part.bytes.toString()], [206, 'PNG']);
  t.equal((await read(shown.path, { range: 'bytes=9999-' })).status, 416);
  const etag = shown.headers.get('etag') ?? '';
  t.equal((await read(shown.path, { 'if-none-match': etag })).status, 304);
});

t.test('what is no upload is refused, in the words of its routes', async (t) => {
  const [agents, channels] = [
    `/api/media/agents/${eliza}/upload-media`,
    `/api/messaging/channels/${channel}/upload-media`,
  ];
  const refused = (body: FormData | string, status: number, code: string, headers?: object) =>
    refusedAt((path) => send(path, body, headers), status, code);
  type Answered = Awaited<ReturnType<typeof announce>>;
  const refusedAt = async (ask: (path: string) => Promise<Answered>, status: number, code: string) => {
    const [coded, text] = [await ask(agents), await ask(channels)];
    t.equal(coded.status, status, code);
    t.match(coded.body, { success: false, error: { code, message: String } });
    t.equal(text.status, status, code);
    t.match(text.body, { success: false, error: String }, code);
  };
  await refused(new FormData(), 400, 'INVALID_REQUEST');
  await refused(form('', png, 'empty.png'), 400, 'INVALID_REQUEST');
  await refused(form(picture, png, 'a.png', 'picture'), 400, 'INVALID_REQUEST');
  await refused(form(picture, 'image/svg+xml', 'a.svg'), 400, 'INVALID_FILE_TYPE');
  const typed = (type: string) => ({ ...asServer, 'content-type': type });
  await refused('{}', 400, 'INVALID_CONTENT_TYPE', typed('application/json'));
  await refused('no form', 400, 'INVALID_REQUEST', typed('multipart/form-data; boundary=x'));
  const large = limits.uploadedFileBytesMax + limits.formOverheadBytesMax + 1;
  await refusedAt((path) => announce(path, large), 413, 'FILE_TOO_LARGE');
  const slightly = new Uint8Array(limits.uploadedFileBytesMax + 1);
  await refused(form(slightly, png, 'large.png'), 413, 'FILE_TOO_LARGE');
});

t.test('names with paths, unknown agents and callers', async (t) => {
  const path = `/api/messaging/channels/${channel}/upload-media`;
  for (const name of ['../a.png', 'a/b.png', '..', 'a..b.png']) {
    const { status, body } = await send(path, form(picture, png, name));
    t.same([status, body.error], [400, 'The file name is not valid'], name);
  }
  const cleaned = await send(`/api/media/agents/${eliza}/upload-media`, form(picture, png, '../a/b.png'));
  t.match(cleaned.body, { data: { originalName: '..ab.png' } });
  const unknown = await send(`/api/media/agents/${person(9)}/upload-media`, form(picture, png, 'a.png'));
  t.match(unknown, { status: 404, body: { error: { code: 'NOT_FOUND', message: 'Agent not found' } } });
  const strange = await send('/api/media/agents/x/upload-media', form(picture, png, 'a.png'));
  t.match(strange, { status: 400, body: { error: { code: 'INVALID_ID' } } });
  t.equal((await send('/api/media/channels/x/upload', form(picture, png, 'a.png'))).status, 400);
  t.equal((await send(path, form(picture, png, 'a.png'), {})).status, 401);
  const docs = (await call({ url }, 'GET', '/docs/openapi.json')).body;
  const { content } = docs.paths['/api/media/agents/{agentId}/upload-media'].post.requestBody;
  t.ok(content['multipart/form-data'], 'the documents say that it is a form');
});
