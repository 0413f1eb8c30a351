/** What the journeys through the console share: one node, one browser, and two people. */
import type { Browser } from 'playwright-core';
import type { Test } from 'tap';
import type { Account } from '../kit/clients/accounts.ts';
import type { Tab } from '../kit/clients/browser.ts';
import { call } from '../kit/clients/http-client.ts';
import type { TestNode } from '../kit/servers/node.ts';

export interface World {
  readonly node: TestNode;
  readonly browser: Browser;
  readonly ann: Account;
  readonly bob: Account;
}

export async function newConversation(
  node: TestNode,
  { token }: Account,
  name: string,
  others: readonly string[],
): Promise<string> {
  const body = { type: 'group', name, participant_ids: others };
  return (await call(node, 'POST', '/v1/chat/conversations', { token, body })).body.id;
}

/** A page without faults is closed. */
export async function done(t: Test, ...tabs: readonly Tab[]): Promise<void> {
  for (const { page, faults } of tabs) {
    t.same(faults, [], 'nothing was refused by the policy, nothing was thrown');
    await page.context().close();
  }
}
