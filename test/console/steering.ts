/** Agents that are steered from the console. */
import type { Test } from 'tap';
import { makeAgent } from '../kit/clients/accounts.ts';
import { keepPicture } from '../kit/clients/browser.ts';
import { goTo, signedIn } from '../kit/clients/console-user.ts';
import { NativeClient } from '../kit/clients/native-client.ts';
import { done, newConversation, type World } from './world.ts';

export async function steered(t: Test, { node, browser, ann }: World): Promise<void> {
  const robot = await makeAgent(node, ann, 'Pilot');
  const conversation = await newConversation(node, ann, 'steering', [robot.id]);
  const agent = await NativeClient.connect(node, robot.token);
  const tab = await signedIn(browser, node, ann);
  await goTo(tab.page, conversation);
  const draft = { conversation, message_id: '01890a5d-ac96-774b-bcce-b302099a8057', run: 'run-1' };
  agent.send({ op: 'delta', ...draft, index: 0, text: 'The tide turns ' });
  await tab.page.locator('.draft', { hasText: 'The tide turns' }).waitFor();
  agent.send({ op: 'delta', ...draft, index: 1, text: 'at nine, and ' });
  await tab.page.locator('.draft', { hasText: 'The tide turns at nine, and' }).waitFor();
  await keepPicture(tab.page, 'draft');

  await tab.page.getByRole('button', { name: 'Pause the agents' }).click();
  await tab.page.getByText('Agents are paused by Ann').waitFor();
  const refused = await agent.ask('delta', { ...draft, index: 2, text: 'then' });
  t.equal(refused['problem'].code, 'conversation_paused');
  await tab.page.getByRole('button', { name: 'Stop what is running' }).click();
  const stopped = tab.page.locator('.message.interrupted', { hasText: 'The tide turns at nine, and' });
  await stopped.filter({ hasText: 'Interrupted by Ann' }).waitFor();
  t.equal(await tab.page.locator('.draft').count(), 0);
  await tab.page.getByRole('button', { name: 'Let the agents go on' }).click();
  await tab.page.getByText('Ann let the agents go on').waitFor();
  await tab.page.getByRole('button', { name: 'Pause with a reason' }).click();
  await tab.page.getByRole('textbox', { name: 'Reason' }).fill('the chart is old');
  await tab.page.keyboard.press('Enter');
  await tab.page.getByRole('status').filter({ hasText: 'paused by Ann: the chart is old' }).waitFor();
  await tab.page
    .locator('.fact', { hasText: 'Ann paused the agents' })
    .getByText('the chart is old')
    .waitFor();
  await tab.page.getByRole('button', { name: 'Give floor' }).click();
  await tab.page.getByText('has the floor: other agents wait').waitFor();
  await keepPicture(tab.page, 'steered');
  await agent.close();
  await done(t, tab);
}
