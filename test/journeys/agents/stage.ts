/** Where journeys of running agents take place: a tenant with its first agent, and people who write to it. */
import type { Event, EventOf } from '../../../src/domain/event.ts';
import { type Account, signUp, signUpInto } from '../../kit/clients/accounts.ts';
import { call } from '../../kit/clients/http-client.ts';
import { NativeClient, type ServerFrame } from '../../kit/clients/native-client.ts';
import { until } from '../../kit/log-entries.ts';
import type { Teardown } from '../../kit/temporary.ts';

type At = { readonly url: string };

export class Person {
  readonly account: Account;
  readonly socket: NativeClient;

  constructor(account: Account, socket: NativeClient) {
    this.account = account;
    this.socket = socket;
  }

  async begin(participants: readonly { readonly id: string }[], type: 'private' | 'group' = 'private') {
    const made = await this.socket.ask('create', { type, participants });
    const conversation: string = made['conversation'].id;
    await this.open(conversation);
    return conversation;
  }

  async open(conversation: string): Promise<void> {
    await this.socket.ask('open', { conversation, after: 0 });
  }

  async say(conversation: string, content: string, more: object = {}): Promise<ServerFrame> {
    const posted = await this.socket.ask('post', { conversation, content, ...more });
    if (posted['ok'] !== true) throw new Error(JSON.stringify(posted));
    return posted;
  }

  async control(conversation: string, event: string, more: object = {}): Promise<ServerFrame> {
    const sent = await this.socket.ask('control', { conversation, event, ...more });
    if (sent['ok'] !== true) throw new Error(JSON.stringify(sent));
    return sent;
  }

  posts(conversation: string): EventOf<'message.posted'>[] {
    return this.socket.events(conversation).filter((event) => isPost(event));
  }

  /** Messages of somebody, whole, so far. */
  said(conversation: string, by: string): EventOf<'message.posted'>[] {
    return this.posts(conversation).filter(({ actor }) => actor.id === by);
  }

  /** Waits for so many of them. */
  async hears(conversation: string, by: string, count = 1): Promise<EventOf<'message.posted'>[]> {
    await until(() => this.said(conversation, by).length >= count, 60_000);
    return this.said(conversation, by);
  }

  /** What was streamed of messages in this conversation so far, by message id. */
  drafts(conversation: string): Map<string, string> {
    const drafts = new Map<string, string>();
    for (const { delta } of this.socket.frames) {
      if (delta?.conversation !== conversation) continue;
      drafts.set(delta.message_id, (drafts.get(delta.message_id) ?? '') + delta.text);
    }
    return drafts;
  }

  /** Waits until this much was streamed; answers the id of the message. */
  async sees(conversation: string, text: string): Promise<string> {
    const found = () => [...this.drafts(conversation)].find(([, draft]) => draft === text)?.[0];
    await until(() => found() !== undefined, 60_000);
    return found() as string;
  }
}

function isPost(event: Event): event is EventOf<'message.posted'> {
  return event.type === 'message.posted';
}

export async function person(t: Teardown, node: At, account: Account): Promise<Person> {
  const socket = await NativeClient.connect(node, account.token);
  t.teardown(() => socket.close());
  return new Person(account, socket);
}

/** The agent that the tenant was born with. */
export async function firstAgent(node: At, { token }: Account): Promise<{ readonly id: string }> {
  const { body } = await call(node, 'GET', '/auth/agents', { token });
  const agent = body.agents.find((one: { is_default_agent: boolean }) => one.is_default_agent);
  return { id: agent.id };
}

export async function team(t: Teardown, node: At) {
  const account = await signUp(node, 'ann');
  const ann = await person(t, node, account);
  const bob = await person(t, node, await signUpInto(node, account, 'bob'));
  return { ann, bob, agent: await firstAgent(node, account) };
}
