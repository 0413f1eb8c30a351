/** A node and the official client of ElizaOS, unmodified, with the key of the server: one for each test file. */
import * as published from '@elizaos/api-client';
import type { Test } from 'tap';
import { startNats } from '../../../kit/servers/nats.ts';
import { startNode } from '../../../kit/servers/node.ts';
import { startPostgres } from '../../../kit/servers/postgres.ts';

/** Methods as they are called here. What the package says of its types cannot be resolved by Node's rules. */
type Service<Names extends string> = {
  readonly [Name in Names]: <Answer = unknown>(...args: readonly unknown[]) => Promise<Answer>;
};

export type OfficialClient = {
  readonly agents: Service<
    | 'listAgents'
    | 'getAgent'
    | 'createAgent'
    | 'updateAgent'
    | 'deleteAgent'
    | 'startAgent'
    | 'stopAgent'
    | 'getWorlds'
    | 'addAgentToWorld'
    | 'updateAgentWorldSettings'
    | 'getAgentPanels'
    | 'getAgentLogs'
    | 'deleteAgentLog'
    | 'getAgentsForMessageServer'
    | 'addAgentToMessageServer'
    | 'removeAgentFromMessageServer'
    | 'getMessageServersForAgent'
  >;
  readonly messaging: Service<
    | 'submitMessage'
    | 'completeMessage'
    | 'ingestExternalMessages'
    | 'createChannel'
    | 'createGroupChannel'
    | 'getOrCreateDmChannel'
    | 'getChannelDetails'
    | 'getChannelParticipants'
    | 'addAgentToChannel'
    | 'removeAgentFromChannel'
    | 'deleteChannel'
    | 'clearChannelHistory'
    | 'postMessage'
    | 'getChannelMessages'
    | 'getMessage'
    | 'deleteMessage'
    | 'updateMessage'
    | 'searchMessages'
    | 'getCurrentMessageServer'
    | 'listMessageServers'
    | 'getMessageServerChannels'
    | 'createMessageServer'
    | 'syncMessageServerChannels'
    | 'deleteMessageServer'
    | 'updateChannel'
    | 'generateChannelTitle'
    | 'addUserToChannel'
    | 'addUsersToChannel'
    | 'removeUserFromChannel'
  >;
  readonly memory: Service<
    | 'getAgentMemories'
    | 'getRoomMemories'
    | 'updateMemory'
    | 'clearAgentMemories'
    | 'clearRoomMemories'
    | 'listAgentRooms'
    | 'getRoom'
    | 'createRoom'
    | 'createWorldFromMessageServer'
    | 'deleteWorld'
    | 'clearWorldMemories'
    | 'deleteMemory'
    | 'getAgentInternalMemories'
    | 'deleteAgentInternalMemory'
    | 'deleteAllAgentInternalMemories'
    | 'updateAgentInternalMemory'
    | 'deleteGroupMemory'
    | 'clearGroupChat'
  >;
  readonly audio: Service<
    'speechConversation' | 'generateSpeech' | 'synthesizeAudioMessage' | 'transcribe' | 'processSpeech'
  >;
  readonly media: Service<'uploadAgentMedia' | 'uploadChannelMedia'>;
  readonly server: Service<
    | 'checkHealth'
    | 'ping'
    | 'hello'
    | 'getStatus'
    | 'stopServer'
    | 'getDebugInfo'
    | 'submitLogs'
    | 'clearLogs'
  >;
  readonly system: Service<
    'getEnvironment' | 'updateLocalEnvironment' | 'getGlobalLogs' | 'deleteGlobalLogs' | 'deleteLog'
  >;
  readonly sessions: Service<
    | 'checkHealth'
    | 'createSession'
    | 'getSession'
    | 'sendMessage'
    | 'sendMessageSync'
    | 'getMessages'
    | 'deleteSession'
    | 'listSessions'
  >;
  readonly runs: Service<'listRuns' | 'getRun'>;
  readonly jobs: Service<
    'create' | 'getJob' | 'list' | 'health' | 'poll' | 'createAndPoll' | 'createAndPollWithBackoff' | 'ask'
  >;
};

type Published = {
  readonly ElizaClient: {
    create(config: {
      readonly baseUrl: string;
      readonly apiKey?: string;
      readonly timeout?: number;
    }): OfficialClient;
  };
};

export type Channel = {
  readonly id: string;
  readonly messageServerId: string;
  readonly name: string;
  readonly type: string;
  readonly metadata?: Readonly<Record<string, unknown>>;
};

export type Message = {
  readonly id: string;
  readonly channelId: string;
  readonly authorId: string;
  readonly content: string;
  readonly createdAt: string;
  readonly metadata?: Readonly<Record<string, unknown>>;
};

export const key = 'a server key';
/** The agent that is there from the first boot. Agents' ids are hashes of their names, here and at the real server. */
export const eliza = 'b850bc30-45f8-0041-a00a-83df46d8555d';
/** Speech takes seconds, and much longer on a busy machine. */
const requestMs = 60_000;

export function person(index: number): string {
  return `a0000000-0000-4000-8000-${index.toString().padStart(12, '0')}`;
}

/** A whole node over real servers, and its client; both end with the test. */
export async function openOfficialClient(
  t: Test,
): Promise<{ readonly client: OfficialClient; readonly url: string; readonly uncalled: Uncalled }> {
  const env = { ELIZA_SERVER_AUTH_TOKEN: key, PARLEY_MASTER_KEY: 'ab'.repeat(32) };
  const { url } = await startNode({ nats: await startNats(t), database: await startPostgres(t), env }, t);
  return { ...counted(clientOf(url, key)), url };
}

/** Without `apiKey`: a client that shows none. */
export function clientOf(url: string, apiKey?: string): OfficialClient {
  const shown = apiKey === undefined ? {} : { apiKey };
  const { ElizaClient } = published as unknown as Published;
  return ElizaClient.create({ baseUrl: url, timeout: requestMs, ...shown });
}

/** The methods of these services that nobody has called: none, at the end of a file. */
type Uncalled = (...services: readonly (keyof OfficialClient)[]) => readonly string[];

function counted(client: OfficialClient): { readonly client: OfficialClient; readonly uncalled: Uncalled } {
  const called = new Set<string>();
  const noting = (service: keyof OfficialClient): object =>
    new Proxy(client[service], {
      get(part, method) {
        called.add(`${service}.${String(method)}`);
        return Reflect.get(part, method);
      },
    });
  return {
    client: Object.fromEntries(
      Object.keys(client).map((service) => [service, noting(service as keyof OfficialClient)]),
    ) as OfficialClient,
    uncalled: (...services) =>
      services.flatMap((service) => methodsOf(client, service)).filter((name) => !called.has(name)),
  };
}

function methodsOf(client: OfficialClient, service: keyof OfficialClient): readonly string[] {
  return Object.getOwnPropertyNames(Object.getPrototypeOf(client[service]))
    .filter((name) => !inner.has(name))
    .map((name) => `${service}.${name}`);
}

/** Of the classes, but not for callers. */
const inner = new Set([
  'constructor',
  'buildUrl',
  'getHeaders',
  'requestBinary',
  'processAudioInput',
  'isBase64String',
  'isBuffer',
]);
