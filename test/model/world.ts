/** Nodes on one log, a stranger that watches, and actors that play their scripts on all nodes at once. */
import { randomUUID } from 'node:crypto';
import { setImmediate as turn } from 'node:timers/promises';
import { type Nats, openNats } from '../../src/adapters/jetstream/connections/connection.ts';
import { openLiveFeed } from '../../src/adapters/jetstream/live-feed.ts';
import { openLog } from '../../src/adapters/jetstream/log/jetstream-log.ts';
import { openStreams } from '../../src/adapters/jetstream/streams/streams.ts';
import { openClock } from '../../src/adapters/system/clock.ts';
import { sealedLiveFeed } from '../../src/core/sealing/sealed/sealed-live-feed.ts';
import { sealedLog } from '../../src/core/sealing/sealed/sealed-log.ts';
import type { Command } from '../../src/domain/command.ts';
import type { DataClass } from '../../src/domain/event.ts';
import type { Principal } from '../../src/domain/principal.ts';
import type { LiveFeed } from '../../src/ports/live-feed.ts';
import type { Log } from '../../src/ports/log.ts';
import { must, openReader } from '../kit/clients/reader.ts';
import { create, member, post } from '../kit/memory/memory-commands.ts';
import { silentLogger } from '../kit/memory/silent-logger.ts';
import type { CoreNode } from '../kit/servers/core-node.ts';
import { CapturedLog } from './captured-log.ts';
import type { Answered } from './check-answers.ts';
import type { Watching } from './check-readers.ts';
import type { Cast, Step } from './random-steps.ts';

export interface Stranger {
  readonly nats: Nats;
  readonly log: Log;
  readonly live: LiveFeed;
}

/** A connection of its own: sees what the server republishes and asks the leader for heads. */
/** It reads sealed content with the keys of a node. */
export async function openStranger(natsUrl: string, { sealing }: CoreNode): Promise<Stranger> {
  const logger = silentLogger();
  const nats = await openNats({ url: natsUrl, name: 'stranger', log: logger });
  const streams = await openStreams(nats.connection, { partitions: 2, replicas: 1 }, logger);
  const { sealer } = sealing;
  const world = { logger, clock: openClock(), isClosed: () => nats.connection.isClosed() };
  const log = sealedLog(openLog(nats.requester, streams, 'stranger'), sealer);
  return { nats, log, live: sealedLiveFeed(openLiveFeed(nats, logger), sealer, world) };
}

/** One conversation of a play: its log, what was answered, who read, what tests know of its messages. */
export class Scene {
  readonly id: string;
  readonly log: CapturedLog;
  readonly answers: Answered[] = [];
  readonly readers: Watching[] = [];
  readonly messages: string[] = [];
  /** Deltas that were sent, by message. */
  readonly streams = new Map<string, string>();

  constructor(id: string, log: CapturedLog) {
    this.id = id;
    this.log = log;
  }
}

export class Play {
  readonly #cast: Cast;
  readonly #nodes: readonly CoreNode[];
  readonly #stranger: Stranger;
  readonly scenes: Scene[] = [];

  /** At least two nodes; a step that names one that is not there plays on another. */
  constructor(cast: Cast, nodes: readonly CoreNode[], stranger: Stranger) {
    this.#cast = cast;
    this.#nodes = nodes;
    this.#stranger = stranger;
  }

  async begin(conversations: number): Promise<void> {
    const { owner, actors } = this.#cast;
    const participants = actors.filter((one) => one.id !== 'nova').map((one) => member(one));
    for (let index = 0; index < conversations; index += 1) {
      const node = this.#node(index);
      const id = node.core.bus.newConversationId();
      const ref = { tenant: owner.tenant, service: null, conversation: id };
      const scene = new Scene(id, new CapturedLog(ref, this.#stranger.live));
      await this.#stranger.nats.connection.flush();
      this.scenes.push(scene);
      await this.#send(scene, node, owner, create({ participants }));
    }
  }

  /** Everybody plays at once: line n is spoken by actor n. */
  async run(lines: readonly (readonly Step[])[]): Promise<void> {
    await Promise.all(lines.map((line, index) => this.#speak(index, line)));
    for (const scene of this.scenes) await scene.log.settled(this.#stranger.log);
  }

  close(): void {
    for (const scene of this.scenes) {
      scene.log.stop();
      for (const { reader } of scene.readers) reader.leave();
    }
  }

  async #speak(index: number, line: readonly Step[]): Promise<void> {
    const who = this.#cast.actors[index % this.#cast.actors.length]!;
    for (const step of line) {
      for (let turns = 0; turns < step.turns; turns += 1) await turn();
      await this.#act(who, step);
    }
  }

  async #act(who: Principal, { act, conversation, node: at }: Step): Promise<void> {
    const scene = this.scenes[conversation]!;
    const node = this.#node(at);
    switch (act.kind) {
      case 'command': {
        const command = named(act.command, scene, act.back);
        const other = this.#node(at + 1);
        const isTwin = act.isTwin && command.op === 'post' && command.clientId !== null;
        const sent = [this.#send(scene, node, who, command)];
        if (isTwin) sent.push(this.#send(scene, other, who, command));
        await Promise.all(sent);
        return;
      }
      case 'stream':
        return await this.#stream(scene, node, who, act);
      case 'read':
        return await this.#read(scene, node, who, act.depth);
    }
  }

  #node(index: number): CoreNode {
    return this.#nodes[index % this.#nodes.length]!;
  }

  async #send(scene: Scene, node: CoreNode, who: Principal, command: Command): Promise<void> {
    const dataClass = dataClasses[scene.answers.length % dataClasses.length] ?? 'none';
    const context = node.core.bus.context(scene.id, { dataClass });
    const before = must(await this.#stranger.log.head(scene.log.ref));
    const result = await node.core.bus.dispatch(who, command, context);
    const after = must(await this.#stranger.log.head(scene.log.ref));
    scene.answers.push({ who, command, context, before, after, result });
    if (!('events' in result)) return;
    for (const event of result.events)
      if (event.type === 'message.posted') scene.messages.push(event.data.message_id);
  }

  async #stream(
    scene: Scene,
    node: CoreNode,
    who: Principal,
    act: Extract<Step['act'], { kind: 'stream' }>,
  ): Promise<void> {
    const messageId = randomUUID();
    const session = node.core.live.begin(who, node.sockets.socket(), neverSpoken);
    scene.streams.set(messageId, '');
    for (let index = 0; index < act.deltas; index += 1) {
      const text = `${who.id}${index} `;
      scene.streams.set(messageId, `${scene.streams.get(messageId)}${text}`);
      const delta = { conversation: scene.id, messageId, run: act.run, index, text };
      if ((await node.core.live.delta(session, delta, () => undefined)) !== null) break;
      await turn();
    }
    if (act.isPosted)
      await this.#send(scene, node, who, post('whole', { run: act.run, messageId, endRun: true }));
    node.core.live.end(session);
  }

  async #read(scene: Scene, node: CoreNode, actor: Principal, depth: number | null): Promise<void> {
    const who = actor.id === 'hook' || actor.id === 'ada' ? this.#cast.witness : actor;
    const after = depth === null ? null : Math.max(0, scene.log.position - depth);
    const reader = await openReader(node, who, [scene.id], after);
    scene.readers.push({ who, reader, conversation: scene.id, after });
  }
}

const dataClasses: readonly DataClass[] = ['none', 'none', 'phi', 'none', 'secret'];

const neverSpoken = { dialect: 'none', event: () => null, delta: () => null, pulse: () => null };

/** The n-th newest message that somebody was told of. */
function named(command: Command, { messages }: Scene, back: number): Command {
  if (!('message' in command)) return command;
  return { ...command, message: messages.at(-1 - back) ?? 'none' };
}
