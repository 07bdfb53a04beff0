import { afterAll, beforeAll, expect, it } from 'vitest';
import { type InstalledPackage, installPackage } from '../support/installed-package.ts';

let installed: InstalledPackage;
beforeAll(async () => {
  installed = await installPackage();
}, 240_000);
afterAll(() => installed?.remove());

it('the demo runs from the installed package: every process that it starts is a compiled one', async () => {
  const { stdout } = await installed.run(['demo', '--epochs', '1', '--json'], 150_000);
  expect(JSON.parse(stdout)).toMatchObject({
    completed: 1,
    missed: 0,
    machines: 1,
    leases: 1,
    leakedInstances: 0,
    callbacksLost: 0,
  });
}, 160_000);
