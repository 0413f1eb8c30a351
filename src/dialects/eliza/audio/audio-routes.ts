/** Speech of agents that run: heard, said, and both (eliza.md §4 and decision 9). */
import { type Operation, operation, type Reply } from '../../../contract/operation.ts';
import { limits } from '../../../domain/limits.ts';
import { Problem } from '../../../domain/problem.ts';
import type { FormFile } from '../../../ports/http/forms.ts';
import { alsoAt } from '../also-at.ts';
import { callerOf } from '../caller.ts';
import type { ElizaDeps } from '../deps.ts';
import { audioTypes, uploadBodyBytesMax, useUpload } from '../uploads.ts';
import { elizaBodyBytesMax } from '../wire.ts';
import { audioErrors, invalid, inWords, refuseUnlessRunning, soundData, soundReply } from './declared.ts';
import { textOfMessage } from './message-text.ts';
import { useBody } from './read-body.ts';
import { type TalkRequest as Asked, talk } from './talk.ts';
import {
  AudioMessage,
  ByAgent,
  RecordingRequest,
  SpeakRequest,
  Spoken,
  SynthesizeRequest,
  TalkForm,
  TalkRequest,
  Transcription,
} from './wire.ts';

const path = '/api/audio/:agentId';
const sound = { contentType: 'audio/wav', example: { response: '' } };
const refusals = audioErrors(400, 401, 403, 404, 413, 429, 501, 503);
const form = {
  streamsBody: true,
  bodyTypes: { 'multipart/form-data': RecordingRequest },
  bodyBytesMax: uploadBodyBytesMax,
} as const;

export function audioRoutes(deps: ElizaDeps): readonly Operation[] {
  return [
    ...alsoAt(transcribe(deps), `${path}/transcribe`),
    ...alsoAt(audioMessage(deps), `${path}/message`),
    speak(deps),
    ...alsoAt(synthesize(deps), `${path}/synthesize`),
    ...alsoAt(conversation(deps), `${path}/conversation`),
    speech(deps),
  ];
}

function transcribe(deps: ElizaDeps): Operation {
  return operation(
    {
      ...{ id: 'eliza.transcribe', method: 'POST', path: `${path}/transcriptions`, access: 'principal' },
      summary: 'What is said in a recording',
      schemas: { params: ByAgent },
      ...form,
      responses: {
        200: { description: 'Empty when nothing is understood', schema: Transcription },
        ...refusals,
      },
    },
    async (request) => {
      const refused = await refuseUnlessRunning(deps, callerOf(request), request.params.agentId);
      if (refused !== null) return refused;
      return useUpload(deps.media, request.stream, audioTypes, async ({ file }) => {
        const text = await heard(deps, file);
        return text instanceof Problem ? text : { status: 200, body: { success: true, data: { text } } };
      });
    },
  );
}

function audioMessage(deps: ElizaDeps): Operation {
  return operation(
    {
      ...{ id: 'eliza.audioMessage', method: 'POST', path: `${path}/audio-messages`, access: 'principal' },
      summary: 'Says to an agent what is said in a recording',
      schemas: { params: ByAgent },
      ...{ ...form, bodyTypes: { 'multipart/form-data': TalkForm }, rate: 'send' },
      responses: {
        200: { description: 'What was understood, and the answer', schema: AudioMessage },
        ...refusals,
      },
    },
    async (request) => {
      const refused = await refuseUnlessRunning(deps, callerOf(request), request.params.agentId);
      if (refused !== null) return refused;
      return useUpload(deps.media, request.stream, audioTypes, async ({ fields, file }) => {
        const transcription = await understood(deps, file);
        if (transcription instanceof Problem) return transcription;
        const message = await talk(deps, request, transcription, Object.fromEntries(fields));
        if (message instanceof Problem) return message;
        return { status: 200, body: { success: true, data: { transcription, message } } };
      });
    },
  );
}

function speak(deps: ElizaDeps): Operation {
  return operation(
    {
      ...{ id: 'eliza.speak', method: 'POST', path: `${path}/speech/generate`, access: 'principal' },
      summary: 'Says a text',
      schemas: { params: ByAgent, body: SpeakRequest },
      bodyBytesMax: elizaBodyBytesMax,
      ...sound,
      responses: { 200: { description: 'The sound: audio/wav or audio/mpeg', schema: Spoken }, ...refusals },
    },
    async (request) => {
      const refused = await refuseUnlessRunning(deps, callerOf(request), request.params.agentId);
      return refused ?? (await said(deps, request.body.text));
    },
  );
}

function synthesize(deps: ElizaDeps): Operation {
  return operation(
    {
      ...{
        id: 'eliza.synthesize',
        method: 'POST',
        path: `${path}/audio-messages/synthesize`,
        access: 'principal',
      },
      summary: 'Says a text, or a message that the caller may read',
      schemas: { params: ByAgent, body: SynthesizeRequest },
      bodyBytesMax: elizaBodyBytesMax,
      ...sound,
      responses: { 200: { description: 'The sound; of a message as JSON', schema: Spoken }, ...refusals },
    },
    async (request) => {
      const { params, body, env } = request;
      const caller = callerOf(request);
      const refused = await refuseUnlessRunning(deps, caller, params.agentId);
      if (refused !== null) return refused;
      if (body.text !== undefined) return await said(deps, body.text);
      if (body.messageId === undefined) return invalid('No text provided');
      const text = await textOfMessage(deps, caller, params.agentId, body.messageId, env);
      return text instanceof Problem ? text : await saidAsData(deps, text, {});
    },
  );
}

/** With JSON the answer is the sound, as at the real server; with a recording what the official client reads. */
function conversation(deps: ElizaDeps): Operation {
  return operation(
    {
      ...{ id: 'eliza.talk', method: 'POST', path: `${path}/speech/conversation`, access: 'principal' },
      summary: 'Says something to an agent, as text or as a recording, and hears its answer',
      schemas: { params: ByAgent },
      ...form,
      bodyTypes: { 'application/json': TalkRequest, 'multipart/form-data': TalkForm },
      rate: 'send',
      contentType: 'audio/wav',
      example: { body: { text: 'When does the ship leave?' }, response: '' },
      responses: { 200: { description: 'The answer; of a recording as JSON', schema: Spoken }, ...refusals },
    },
    async (request) => {
      const refused = await refuseUnlessRunning(deps, callerOf(request), request.params.agentId);
      if (refused !== null) return refused;
      return useBody(deps, request.stream, async ({ fields, file }) => {
        if (file !== null) return answered(deps, request, file, fields);
        if (typeof fields['text'] !== 'string') return invalid('No text provided');
        const answer = await talk(deps, request, fields['text'], fields);
        return answer instanceof Problem ? answer : said(deps, sayable(answer));
      });
    },
  );
}

/** The document's address for speech/generate, where the official client also sends recordings. */
function speech(deps: ElizaDeps): Operation {
  return operation(
    {
      ...{ id: 'eliza.speech', method: 'POST', path: `${path}/speech`, access: 'principal' },
      summary: 'Says a text; or, of a recording, what the agent answers',
      schemas: { params: ByAgent },
      ...form,
      bodyTypes: { 'application/json': SpeakRequest, 'multipart/form-data': TalkForm },
      rate: 'send',
      contentType: 'audio/wav',
      example: { body: { text: 'The ship leaves the harbour at noon.' }, response: '' },
      responses: { 200: { description: 'The sound; of a recording JSON', schema: Spoken }, ...refusals },
    },
    async (request) => {
      const refused = await refuseUnlessRunning(deps, callerOf(request), request.params.agentId);
      if (refused !== null) return refused;
      return useBody(deps, request.stream, async ({ fields, file }) => {
        if (file !== null) return answered(deps, request, file, fields);
        return typeof fields['text'] === 'string' ? said(deps, fields['text']) : invalid('No text provided');
      });
    },
  );
}

async function heard({ speech }: Pick<ElizaDeps, 'speech'>, file: FormFile): Promise<string | Problem> {
  const { contentType, sizeBytes } = file;
  return inWords(await speech.transcribe({ contentType, sizeBytes, pieces: () => file.pieces() }), true);
}

/** Words, for who wants an answer to them. */
async function understood(deps: Pick<ElizaDeps, 'speech'>, file: FormFile): Promise<string | Problem> {
  const text = await heard(deps, file);
  return text === '' ? invalid('Nothing was understood in the recording') : text;
}

async function said({ speech }: Pick<ElizaDeps, 'speech'>, text: string): Promise<Reply | Problem> {
  const spoken = inWords(await speech.synthesize(text), false);
  return spoken instanceof Problem ? spoken : soundReply(spoken);
}

async function saidAsData(
  { speech }: Pick<ElizaDeps, 'speech'>,
  text: string,
  more: object,
): Promise<Reply | Problem> {
  const spoken = inWords(await speech.synthesize(sayable(text)), false);
  if (spoken instanceof Problem) return spoken;
  return { status: 200, body: { success: true, data: { ...more, ...soundData(spoken) } } };
}

async function answered(
  deps: ElizaDeps,
  request: Asked,
  file: FormFile,
  fields: Readonly<Record<string, unknown>>,
): Promise<Reply | Problem> {
  const transcription = await understood(deps, file);
  if (transcription instanceof Problem) return transcription;
  const text = await talk(deps, request, transcription, fields);
  return text instanceof Problem ? text : saidAsData(deps, text, { text, metadata: { transcription } });
}

/** Of a long answer its beginning, up to the end of a word. */
function sayable(text: string): string {
  if (text.length <= limits.spokenCharsMax) return text;
  return text.slice(0, limits.spokenCharsMax).replace(/\s+\S*$/, '');
}
