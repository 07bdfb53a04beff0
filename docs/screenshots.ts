import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { chromium, type Page } from 'playwright-core';
import { build } from 'vite';
import { DaemonChild } from '../src/sandbox/daemon-child.ts';
import { eventStream } from '../src/sandbox/event-stream.ts';
import { InferenceClients } from '../src/sandbox/inference-clients.ts';
import { buildTown, type Town } from '../src/sandbox/town.ts';

/**
 * The pictures of the inspection page in docs/images: a daemon lives through a PoC in the sandbox, and the page is looked
 * at. Run it by `node docs/screenshots.ts` when the page has changed, then look at the pictures.
 */
const folder = join(import.meta.dirname, 'images');
const speed = 60;
const startHeight = 2_089_000;

/** An epoch row in that state, after that entry; resolves with the entry's number. */
async function until(town: Town, row: string, state: string, after: number): Promise<number> {
  const signal = AbortSignal.timeout(180_000);
  for await (const { id, data } of eventStream(`${town.inspectionUrl}/v1/events?after=${after}`, signal)) {
    const entry = JSON.parse(data) as { rowId: string; value: unknown };
    if (entry.rowId === row && entry.value === state) return Number(id);
  }
  throw new Error(`the journal ended before ${row} was ${state}`);
}

const pause = (ms: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, ms);
  });

async function shoot(page: Page, name: string, isWhole = false): Promise<void> {
  if (isWhole) await page.evaluate('document.activeElement.blur(), scrollTo(0, 0)');
  await page.screenshot({ path: join(folder, `${name}.png`), fullPage: isWhole });
  process.stdout.write(`docs/images/${name}.png\n`);
}

mkdirSync(folder, { recursive: true });
await build({ configFile: join(import.meta.dirname, '../web/vite.config.ts'), logLevel: 'error' });
const town = await buildTown({
  speed,
  seed: 4,
  chain: { startHeight, firstPocStartHeight: startHeight + 260 },
  vast: { accidents: 0 },
});
const daemon = new DaemonChild(town);
const clients = new InferenceClients({ url: town.gatewayUrl, model: town.model, pauseMs: 200 });
const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] });
try {
  await daemon.up();
  clients.start();
  const views = await Promise.all([
    browser.newPage({ viewport: { width: 1280, height: 960 }, colorScheme: 'light', deviceScaleFactor: 1.5 }),
    browser.newPage({ viewport: { width: 1280, height: 960 }, colorScheme: 'dark', deviceScaleFactor: 1.5 }),
    browser.newPage({ viewport: { width: 390, height: 844 }, colorScheme: 'light', deviceScaleFactor: 2 }),
  ]);
  const [desktop, dark, phone] = views;
  for (const page of views) await page.goto(town.inspectionUrl, { waitUntil: 'load' });
  const generating = await until(town, 'epoch:136', 'generating', 0);
  await pause(3_500);
  if (desktop && dark && phone) {
    await shoot(desktop, 'page-desktop');
    await shoot(dark, 'page-dark');
    await shoot(phone, 'page-phone');
    await until(town, 'epoch:136', 'settled', generating);
    await desktop.goto(`${town.inspectionUrl}/#epoch-136`);
    await desktop.locator('.steps').waitFor();
    for (let step = 0; step < 12; step += 1) await desktop.getByText('← Step back').click();
    await pause(500);
    await shoot(desktop, 'page-epoch', true);
  }
} finally {
  await browser.close();
  await clients.stop();
  daemon.signal('SIGTERM');
  await daemon.exited;
  await town.close();
}
