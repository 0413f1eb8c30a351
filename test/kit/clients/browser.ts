/** A headless Chromium, and pages in it that tell what their policy refused and what went wrong in them. */
import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { repository, type Teardown } from '../temporary.ts';

const places = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** CHROMIUM, or where systems have it; null: there is none. None is ever downloaded. */
export const chromiumPath: string | null =
  process.env['CHROMIUM'] ?? places.find((path) => existsSync(path)) ?? null;

/** For `skip` of a test: false, or the sentence that says what to install. */
export const noBrowser: false | string =
  chromiumPath === null ? 'there is no Chromium: apt-get install chromium, or name one in CHROMIUM' : false;

/** A busy machine takes its time to load a browser… */
const startMsMax = 120_000;
/** …and to draw what is waited for: clients that lost their node pause for up to 15 s before they come back. */
const shownMsMax = 60_000;

export async function startBrowser(t: Teardown): Promise<Browser> {
  const browser = await chromium.launch({
    ...(chromiumPath === null ? {} : { executablePath: chromiumPath }),
    // Containers have no room in /dev/shm, and root no sandbox; the pages are our own.
    args: ['--no-sandbox', '--disable-dev-shm-usage', '--disable-gpu'],
    timeout: startMsMax,
  });
  t.teardown(() => browser.close());
  return browser;
}

export interface Tab {
  readonly page: Page;
  /** Violations of the page's policy, and errors that nothing caught: a good page has none. */
  readonly faults: readonly string[];
}

const tellViolations = `addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) => {
  console.error('policy: ' + violatedDirective + ' ' + blockedURI);
});`;

/** A page with cookies and storage of its own. */
export async function openTab(browser: Browser, options: BrowserContextOptions = {}): Promise<Tab> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
  context.setDefaultTimeout(shownMsMax);
  const faults: string[] = [];
  await context.addInitScript({ content: tellViolations });
  const page = await context.newPage();
  page.on('pageerror', (error) => faults.push(`error: ${error.message}`));
  page.on('console', (message) => {
    if (/^policy: |Content Security Policy|TrustedHTML/.test(message.text())) faults.push(message.text());
  });
  page.on('dialog', (dialog) => {
    faults.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  return { page, faults };
}

/** Keeps what the page shows as .tap/console/<name>.png: for people who want to see it; not in git. */
export async function keepPicture(page: Page, name: string): Promise<void> {
  const folder = join(repository, '.tap/console');
  await mkdir(folder, { recursive: true });
  await page.screenshot({ path: join(folder, `${name}.png`) });
}
