import { fileURLToPath } from 'node:url';
import { type Browser, chromium, type Page } from 'playwright-core';
import { build } from 'vite';

export const pageFolder = fileURLToPath(new URL('../../web/dist', import.meta.url));
const configFile = fileURLToPath(new URL('../../web/vite.config.ts', import.meta.url));

/** Builds the page as `npm run web` does. */
export async function buildPage(): Promise<void> {
  await build({ configFile, logLevel: 'error' });
}

/** Debian's own browser, without a window. */
export const openBrowser = (): Promise<Browser> =>
  chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu'] });

/** What a page did beside being looked at. */
export interface PageWatch {
  /** Of the console, and exceptions that nobody caught. */
  readonly errors: string[];
  readonly urls: string[];
  /** Bytes over the wire so far, headers included. */
  transferred(): number;
}

export async function watchPage(page: Page): Promise<PageWatch> {
  const errors: string[] = [];
  const urls: string[] = [];
  let bytes = 0;
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') errors.push(message.text());
  });
  page.on('pageerror', (error) => errors.push(error.message));
  page.on('request', (request) => urls.push(request.url()));
  const session = await page.context().newCDPSession(page);
  await session.send('Network.enable');
  session.on('Network.loadingFinished', ({ encodedDataLength }) => {
    bytes += encodedDataLength;
  });
  return { errors, urls, transferred: () => bytes };
}
