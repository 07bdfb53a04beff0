import type { AddressInfo } from 'node:net';
import { pino } from 'pino';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { Secret } from '../../src/secret.ts';
import { createInspection } from '../../src/server/inspection/inspection.ts';
import { readPageFiles } from '../../src/server/inspection/page-files.ts';
import { unixMs } from '../../src/units.ts';
import { sampleBooks, sampleDaemon, sampleEpoch } from '../server/inspection/sample-books.ts';
import { buildPage, openBrowser, pageFolder, watchPage } from './built-page.ts';

const token = 'canary-token-of-the-page';
const journal = ['idle', 'approaching', 'booting', 'ready'].map((value, place) => ({
  seq: place + 1,
  rowId: 'epoch:136',
  chart: 'epoch',
  at: unixMs(sampleDaemon.now + place * 60_000),
  event: { type: place === 0 ? 'xstate.init' : 'HEIGHT.APPROACH' },
  value,
}));
const plan = {
  epochIndex: 136,
  mode: 'sprint',
  approachHeight: 900,
  rentHeight: 950,
  pocStartHeight: 1_100,
  tooLateHeight: 1_140,
  generationEndHeight: 1_160,
  exchangeEndHeight: 1_165,
  validationEndHeight: 1_285,
  holdUntilHeight: 1_285,
  blockTimeMs: 5_350,
};

const books = {
  ...sampleBooks(journal),
  epochs: () => ({
    epochs: [
      {
        ...sampleEpoch,
        rowId: 'epoch:136',
        epochIndex: 136,
        state: 'ready',
        status: 'active' as const,
        outcome: null,
        plan,
      },
    ],
    nextBefore: null,
  }),
};
async function served(guards: { token?: Secret } = {}): Promise<string> {
  const app = createInspection({
    runtime: {
      rows: () => [],
      leases: () => [],
      alerts: () => [
        {
          rowId: 'lease-1',
          key: 'destroy:x',
          code: 'VAST_LIST_UNKNOWN',
          message: 'instance 7 is not destroyed yet',
          since: unixMs(sampleDaemon.now),
        },
      ],
      journalSince: (seq, limit) => journal.filter((entry) => entry.seq > seq).slice(0, limit),
      onStep: () => () => undefined,
    },
    extra: () => ({
      daemon: sampleDaemon,
      chain: {
        standing: 'following',
        height: 1_000,
        phase: 'Inference',
        latestEpochIndex: 135,
        blockTimeMs: 5_350,
        seenAt: sampleDaemon.now,
      },
      plan: {
        nextPocEpoch: 136,
        steps: [
          {
            epochIndex: 136,
            key: 'pocStart',
            what: 'PoC starts',
            height: 1_100,
            blocksLeft: 100,
            aboutAt: sampleDaemon.now + 535_000,
            spreadMs: 20_000,
          },
        ],
        timers: [],
      },
      money: {},
      relay: { queued: 0, delivered: 0, refused: 0, expired: 0, foreign: 0 },
      upstream: { isModelServed: true, requests: 5, failed: 0, streamed: 2, cancelled: 0, refused: 0 },
      service: { state: 'INFERENCE' },
    }),
    diagram: () => undefined,
    books: {
      ...books,
      epoch: () => ({ epoch: { ...sampleEpoch, plan }, leases: [], journal, isJournalCut: false }),
    },
    page: readPageFiles(pageFolder),
    log: pino({ level: 'silent' }),
    ...guards,
  });
  await app.listen({ port: 0, host: '127.0.0.1' });
  onTestFinished(() => app.close());
  return `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`;
}

describe('the inspection page', () => {
  let browser: Browser;
  beforeAll(async () => {
    await buildPage();
    browser = await openBrowser();
  }, 60_000);
  afterAll(() => browser.close());

  async function opened(url: string, options: Parameters<Browser['newPage']>[0] = {}) {
    const page = await browser.newPage(options);
    onTestFinished(() => page.close());
    const watch = await watchPage(page);
    await page.goto(url, { waitUntil: 'load' });
    return { page, watch };
  }

  it('asks for the token, tells a wrong one, and never puts it into an address', async () => {
    const url = await served({ token: new Secret(token) });
    const { page, watch } = await opened(url);
    await page.getByLabel('Token').fill('wrong');
    await page.keyboard.press('Enter');
    await page.getByText('does not take that one').waitFor();
    await page.getByLabel('Token').fill(token);
    await page.keyboard.press('Enter');
    await page.locator('.machinery .state.leaf').waitFor();
    expect(watch.urls.length).toBeGreaterThan(8);
    expect(watch.urls.filter((each) => each.includes(token))).toEqual([]);
    expect(await page.content()).not.toContain(token);
    // A refusal is an answer that the browser itself notes; nothing else may be there.
    expect(watch.errors.filter((text) => !text.includes('401'))).toEqual([]);
  });

  it('fits a phone: nothing stands out of it sideways', async () => {
    const { page, watch } = await opened(await served(), { viewport: { width: 390, height: 844 } });
    await page.locator('.machinery .state.leaf').waitFor();
    expect(await page.evaluate(scrollWidth)).toBe(390);
    await page.goto(`${page.url()}#epoch-136`);
    await page.locator('.steps').waitFor();
    expect(await page.evaluate(scrollWidth)).toBe(390);
    expect(watch.errors).toEqual([]);
  });

  it('is walked by keyboard: skip link first, arrows between tabs and states', async () => {
    const { page } = await opened(await served());
    await page.locator('.machinery .state.leaf').waitFor();
    await page.keyboard.press('Tab');
    expect(await focused(page)).toBe('Skip to the content');
    await page.locator('.state[tabindex="0"]').focus();
    await page.keyboard.press('ArrowDown');
    expect(await page.evaluate('document.activeElement.dataset.state')).toBe('generating');
    expect(await page.locator('.note strong').innerText()).toBe('Generating.');
    await page.keyboard.press('Escape');
    expect(await page.locator('.note strong').innerText()).toBe('Ready.');
    await page.locator('[role="tab"][aria-selected="true"]').focus();
    await page.keyboard.press('End');
    expect(await page.evaluate('getComputedStyle(document.activeElement).outlineStyle')).toBe('solid');
  });

  it('keeps the chosen colours over a new visit', async () => {
    const { page } = await opened(await served(), { colorScheme: 'dark' });
    const paper = (): Promise<unknown> =>
      page.evaluate('getComputedStyle(document.documentElement).backgroundColor');
    const dark = await paper();
    await page.getByRole('button', { name: /Colours: system/ }).click();
    const light = await paper();
    expect(light).not.toBe(dark);
    await page.reload({ waitUntil: 'load' });
    await page.getByRole('button', { name: /Colours: light/ }).waitFor();
    expect(await paper()).toBe(light);
  });

  it('shows an alert with its runbook, read from the daemon', async () => {
    const { page, watch } = await opened(await served());
    await page.getByRole('button', { name: 'What to do, step by step' }).click();
    await page.locator('.runbook h3').waitFor();
    expect(watch.errors).toEqual([]);
  });
});

/** Of the page's own side of things; the house has no types for it. */
const scrollWidth = 'document.documentElement.scrollWidth';
const focused = (page: Page): Promise<unknown> => page.evaluate('document.activeElement.innerText.trim()');
