/** Agents that run here: their turns come from the work queue, their words from a model. */
import { openChatCompletions } from '../../adapters/chat-completions/chat-completions.ts';
import { openAgentRecordStore } from '../../adapters/postgres/agents/agent-records.ts';
import type { IdentityPools } from '../../adapters/postgres/identity/identity-store.ts';
import { openResponder } from '../../adapters/responder/responder.ts';
import type { Config } from '../../config/config.ts';
import { type AgentRuntimeDeps, openAgentRuntime } from '../../core/agents/agent-runtime.ts';
import { type AnswersDeps, openAnswers } from '../../core/agents/answers/open-answers.ts';
import { openChatTitles } from '../../core/agents/chat-titles.ts';
import { forgetRemovedAgents } from '../../core/agents/records/forget-removed.ts';
import { openLogNews } from '../../core/agents/records/log-news.ts';
import { openAgentRecords } from '../../core/agents/records/open-agent-records.ts';
import { sweepRecordsRegularly } from '../../core/agents/records/sweep-records.ts';
import { openTurnRecorder } from '../../core/agents/records/turn-recorder.ts';
import type { Core } from '../../core/open-bus.ts';
import { limits } from '../../domain/limits.ts';
import type { AgentAnswers } from '../../ports/agents/agent-answers.ts';
import type { AgentRecords } from '../../ports/agents/agent-records.ts';
import type { AgentTurnFeed } from '../../ports/agents/agent-turns.ts';
import type { Agents } from '../../ports/agents/agents.ts';
import type { ChatTitles } from '../../ports/agents/chat-titles.ts';
import type { Model } from '../../ports/agents/model.ts';
import type { IdSource } from '../../ports/id-source.ts';
import type { NodeLink } from '../../ports/node-link.ts';
import type { Releases } from '../releases.ts';

export interface AgentsSideOptions
  extends Omit<AgentRuntimeDeps & AnswersDeps, 'bus' | 'live' | 'model' | 'link' | 'recorder' | 'agents'> {
  readonly core: Core;
  readonly agents: Agents;
  readonly pools: IdentityPools;
  readonly link: NodeLink;
  readonly ids: IdSource;
  readonly feed: AgentTurnFeed;
  /** What is given counts before what is configured. */
  readonly model: Model | undefined;
  readonly config: Pick<Config, 'modelUrl' | 'modelKey' | 'model'>;
}

/** What dialects ask of agents. */
export interface AgentsSide {
  readonly records: AgentRecords;
  readonly answers: AgentAnswers;
  readonly titles: ChatTitles;
}

/** Takes turns from now on. What is in hand when it closes has limits.agentDrainMs, and then goes to another node. */
export async function openAgentsSide(options: AgentsSideOptions, releases: Releases): Promise<AgentsSide> {
  const { core, feed, config, pools, ids, model = configuredModel(config, releases), ...given } = options;
  const { bus, live } = core;
  const rest = { ...given, ids };
  const answers = openAnswers({ ...rest, bus, live });
  const store = openAgentRecordStore(pools);
  releases.add('sweep of records', sweepRecordsRegularly({ store, clock: rest.clock }));
  const { agents, logger } = rest;
  releases.add('records of deleted agents', forgetRemovedAgents({ agents, store, logger }));
  const news = openLogNews(rest.link, rest.clock);
  const records = openAgentRecords({ store, news, ids });
  const recorder = openTurnRecorder({ ...rest, store, news });
  const runtime = openAgentRuntime({ ...rest, model, bus, live, recorder });
  releases.add('changes of agents', async () => runtime.close());
  const consumers: { close(graceMs: number): Promise<void> }[] = [];
  releases.add('agents', () => Promise.all(consumers.map((one) => one.close(limits.agentDrainMs))));
  for (let partition = 0; partition < feed.partitions; partition += 1) {
    consumers.push(await feed.consume(partition, runtime.take));
  }
  return { answers, records, titles: openChatTitles(model, rest.clock) };
}

function configuredModel(
  { modelUrl: url, modelKey: key, model }: AgentsSideOptions['config'],
  releases: Releases,
): Model {
  if (url === null || model === null) return openResponder();
  const opened = openChatCompletions({ url, key, model });
  releases.add('model', () => opened.close());
  return opened;
}
