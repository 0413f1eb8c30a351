/** Every line that a node writes: schemas/log.md, and what its lines are held against. */
import type { DeclaredLines } from './line.ts';
import { ofAgents } from './of-agents.ts';
import { ofConversations } from './of-conversations.ts';
import { ofIdentity } from './of-identity.ts';
import { ofNats } from './of-nats.ts';
import { ofProcess } from './of-process.ts';
import { ofProjection } from './of-projection.ts';
import { ofRequests } from './of-requests.ts';

export const lineGroups: readonly { readonly title: string; readonly lines: DeclaredLines }[] = [
  { title: 'Processes', lines: ofProcess },
  { title: 'Requests and sockets', lines: ofRequests },
  { title: 'Conversations', lines: ofConversations },
  { title: 'NATS', lines: ofNats },
  { title: 'Projection and PostgreSQL', lines: ofProjection },
  { title: 'Identity', lines: ofIdentity },
  { title: 'Agents, webhooks, media', lines: ofAgents },
];

export const allLines: DeclaredLines = Object.assign({}, ...lineGroups.map(({ lines }) => lines));
