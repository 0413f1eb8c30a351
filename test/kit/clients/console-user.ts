/** What people do with the console in these tests, by what they see of it. */
import type { Browser, BrowserContextOptions, Locator, Page } from 'playwright-core';
import type { Account } from './accounts.ts';
import { openTab, type Tab } from './browser.ts';

type Cookies = Exclude<BrowserContextOptions['storageState'], string | undefined>;

/** Sessions that were opened, by e-mail: a person signs in once, as people do. */
const sessions = new Map<string, Cookies>();

/** Opens the console as somebody, through the door for the first time, and waits until it is connected. */
export async function signedIn(
  browser: Browser,
  { url }: { readonly url: string },
  { email, password }: Pick<Account, 'email' | 'password'>,
  options: BrowserContextOptions = {},
): Promise<Tab> {
  const storageState = sessions.get(email);
  const tab = await openTab(browser, { ...options, ...(storageState === undefined ? {} : { storageState }) });
  const { page } = tab;
  await page.goto(`${url}/console`);
  if (storageState === undefined) {
    await page.getByLabel('Email').fill(email);
    await page.getByRole('textbox', { name: 'Password' }).fill(password);
    await page.getByRole('button', { name: 'Sign in' }).click();
  }
  await connected(page);
  if (storageState === undefined) sessions.set(email, await page.context().storageState());
  return tab;
}

/** Waits until the page is connected. */
export const connected = (page: Page): Promise<void> =>
  page.locator('.link-sign.open').waitFor({ state: 'attached' });

/** Goes to a conversation and waits for its timeline. */
export async function goTo(page: Page, conversation: string): Promise<void> {
  await page.evaluate(`location.hash = '#/c/${conversation}'`);
  await page.getByRole('log').waitFor();
}

export async function say(page: Page, text: string): Promise<void> {
  await page.getByRole('textbox', { name: 'Write a message' }).fill(text);
  await page.keyboard.press('Enter');
}

/** What looks for things in the list. */
export const find = (page: Page): Locator =>
  page.getByRole('searchbox', { name: 'Find conversations and messages' });

/** A message of the timeline by its text. */
export const message = (page: Page, text: string): Locator =>
  page.locator('article.message:not(.pending)', { hasText: text });

/** A row of the list by the conversation's name. */
export const row = (page: Page, name: string): Locator =>
  page.getByRole('navigation', { name: 'Conversations' }).getByRole('link', { name });

/** How much wider the page is than its window: 0, or people scroll sideways. */
export const overhang = (page: Page): Promise<number> =>
  page.evaluate('document.documentElement.scrollWidth - innerWidth');
