import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { inState } from '../support/journal-watch.ts';
import { inhabitedTown } from '../support/inhabited-town.ts';
import { buildPage, openBrowser, watchPage } from '../web/built-page.ts';

/** Of the first paint, compressed, everything together. */
const firstPaintBytesMax = 300_000;

/** Notes each state that is lit in the picture; the notes are lost with the page, so they prove that it was not loaded again. */
const noteLitStates = (page: Page): Promise<unknown> =>
  page.evaluate(`(() => {
    const seen = (globalThis.seenStates = []);
    const note = () => {
      const lit = document.querySelector('.machinery .state.leaf')?.dataset.state;
      if (lit !== undefined && seen.at(-1) !== lit) seen.push(lit);
    };
    new MutationObserver(note).observe(document.body, { subtree: true, attributes: true, childList: true });
    note();
  })()`);
const litStates = (page: Page): Promise<string[]> => page.evaluate<string[]>('globalThis.seenStates');

describe('the inspection page of a daemon that lives', () => {
  let browser: Browser;
  beforeAll(async () => {
    await buildPage();
    browser = await openBrowser();
  }, 60_000);
  afterAll(() => browser.close());

  it('walks with the epoch through its states, opens its journal, and comes back after a restart', {
    timeout: 180_000,
  }, async () => {
    const { town, journal, start } = await inhabitedTown(onTestFinished, { blocksBeforePoc: 260, speed: 80 });
    const daemon = await start();
    const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
    onTestFinished(() => page.close());
    const watch = await watchPage(page);

    await page.goto(town.inspectionUrl, { waitUntil: 'load' });
    await page.locator('.machinery .state.leaf').waitFor();
    expect(watch.transferred()).toBeLessThan(firstPaintBytesMax);
    await noteLitStates(page);

    await journal.until(inState('epoch', 'validating'), { limitMs: 100_000 });
    await page.locator('.now-sentence', { hasText: 'checks other hosts’ nonces' }).waitFor();
    expect(await page.locator('.flow li', { hasText: 'Accepted' }).locator('b').innerText()).not.toBe('0');
    await journal.until(inState('epoch', 'settled'), { limitMs: 60_000 });
    const finished = page.locator('.epochs tr', { hasText: 'completed' });
    await finished.waitFor();
    const states = await litStates(page);
    const order = ['booting', 'ready', 'generating', 'validating'].map((state) => states.indexOf(state));
    expect(order, states.join(' ')).toEqual(order.toSorted((a, b) => a - b));
    expect(Math.min(...order), states.join(' ')).toBeGreaterThanOrEqual(0);

    await finished.locator('a').click();
    const steps = page.locator('.steps [role="option"]');
    await steps.first().waitFor();
    expect(await steps.count()).toBeGreaterThan(15);
    await page.locator('.steps').focus();
    await page.keyboard.press('Home');
    expect(await page.locator('.steps [aria-selected="true"]').innerText()).toContain('Epoch 136');
    const lit = (): Promise<string | null> => page.locator('.state.leaf').getAttribute('data-state');
    const first = await lit();
    await page.keyboard.press('End');
    await page.locator(`.state.leaf:not([data-state="${first}"])`).waitFor();
    await page.getByText('The step as it was written down').click();
    expect(await page.locator('.raw pre').innerText()).toContain('"seq"');
    await page.getByText('← Now').click();
    await page.locator('.machinery').waitFor();

    expect(watch.errors).toEqual([]);
    expect(new Set(watch.urls.map((url) => new URL(url).origin))).toEqual(new Set([town.inspectionUrl]));

    daemon.signal('SIGTERM');
    await page.getByText('The daemon does not answer').waitFor();
    await daemon.exited;
    expect(await page.locator('.machinery').count()).toBe(1);
    await start();
    await page.locator('.link.live').waitFor({ timeout: 20_000 });
    expect(await page.getByText('The daemon does not answer').count()).toBe(0);
    // What was noted before the restart is still there: it is the same page.
    expect(await litStates(page)).toContain('validating');
    expect(new Set(watch.urls.map((url) => new URL(url).origin))).toEqual(new Set([town.inspectionUrl]));
  });
});
