import t from 'tap';
import { LogSubscription } from '../../../../src/dialects/eliza/socket/log-subscription.ts';
import type { Principal } from '../../../../src/domain/principal.ts';
import { Problem } from '../../../../src/domain/problem.ts';
import type { AgentLogEntry } from '../../../../src/ports/agents/agent-records.ts';
import { ann } from '../../../kit/clients/http-front.ts';

t.test('whoever loses the right to read logs hears no more, and keeps nothing open', async (t) => {
  const listeners = new Set<(entry: AgentLogEntry) => void>();
  const records = {
    onLogEntry(by: Principal, listener: (entry: AgentLogEntry) => void) {
      if (by.role === 'member') return new Problem('forbidden');
      listeners.add(listener);
      return { stop: () => void listeners.delete(listener) };
    },
  };
  let caller: Principal = { ...ann, role: 'admin' };
  const sent: unknown[][] = [];
  const logs = new LogSubscription(
    records,
    () => caller,
    (...all) => void sent.push(all),
  );
  const entry = { agent: 'iris', at: 1_000_000, level: 'warn', body: { message: 'hm' } };
  const tell = (): void => {
    for (const listener of [...listeners]) listener(entry as unknown as AgentLogEntry);
  };
  t.equal(logs.start(), null);
  t.equal(logs.start(), null);
  tell();
  const line = { level: 40, time: 1_000, msg: 'hm', agentId: 'iris', agentName: 'iris' };
  t.strictSame(sent, [
    ['log_stream', { type: 'log_entry', payload: line }],
    ['logEntry', line],
  ]);
  caller = { ...caller, displayName: 'Ann Other' };
  tell();
  t.equal(sent.length, 4, 'other changes end nothing');
  t.equal(listeners.size, 1);
  logs.filter({ level: 'error' });
  tell();
  t.equal(sent.length, 4);
  logs.filter({ level: 'all' });
  caller = { ...caller, role: 'member' };
  tell();
  tell();
  t.equal(sent.length, 4);
  t.equal(listeners.size, 0);
  t.match(logs.start(), { code: 'forbidden' });
});
