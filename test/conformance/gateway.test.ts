import { describe, expect, it, onTestFinished } from 'vitest';
import { createRawPathTransport } from '../../src/adapters/raw-path-transport.ts';
import { openCallbackReceiver } from '../../src/conformance/callback-receiver.ts';
import { chapters } from '../../src/conformance/chapters.ts';
import type { CheckOptions } from '../../src/conformance/check-node.ts';
import { DaemonCase } from '../wiring/daemon-case.ts';
import { gatewayWithMachine } from './gateway-with-machine.ts';
import { lines, outcomesOf } from './node-case.ts';

const noGpu = 'the node has no GPU: it left the call unanswered, lists no device and is not POW';
const noBackEnd = 'the node has no back end that computes PoC: it lists none and answers 503';

const optionsFor = (url: string): CheckOptions => ({
  url,
  transport: createRawPathTransport(),
  signal: new AbortController().signal,
  pollLimitMs: 50,
  waitMs: 5_000,
  pauseMs: 5,
  versionPrefix: 'v3.0.8',
  isDisruptive: true,
});
const idsOf = (...titles: string[]): string[] =>
  chapters.filter(({ title }) => titles.includes(title)).flatMap(({ rules }) => rules.map(({ id }) => id));

describe("the daemon's gateway", () => {
  it('keeps every rule that needs no machine, and without one says why the others are skipped', async () => {
    const daemon = await DaemonCase.build();
    onTestFinished(() => daemon.close());
    const { gatewayUrl } = await daemon.start({ RENTAL_POLICY: 'off', REGISTRATION: 'off' });
    const outcomes = await outcomesOf(optionsFor(gatewayUrl));
    expect(lines(outcomes, 'failed')).toEqual([]);
    const skipped = lines(outcomes, 'skipped');
    expect(skipped).toContain(`MLN-080: ${noGpu}`);
    expect(skipped).toContain(`MLN-130: ${noBackEnd}`);
    expect(skipped).toContain('MLN-004: the state is INFERENCE');
    const needMachine = idsOf(
      'PoC v1: generation',
      'PoC v1: generated callbacks',
      'PoC v1: validation',
      'PoC v1: end',
      'PoC v2: what is refused',
      'PoC v2: generation',
      'PoC v2: generated callbacks',
      'PoC v2: stop',
      'PoC v2: validation',
    );
    const ids = skipped.map((line) => line.slice(0, 'MLN-000'.length));
    expect(ids.filter((id) => !needMachine.includes(id))).toEqual(['MLN-004']);
  });

  it('keeps every rule of PoC v1 with a machine behind it, callbacks through the relay included', async () => {
    const gateway = await gatewayWithMachine();
    onTestFinished(() => gateway.close());
    const callbacks = await openCallbackReceiver({ port: 0 });
    onTestFinished(() => callbacks.close());
    const outcomes = await outcomesOf({ ...optionsFor(gateway.url), callbacks, generations: ['v1'] });
    expect(lines(outcomes, 'failed')).toEqual([]);
    expect(lines(outcomes, 'skipped').filter((line) => !line.includes('PoC v2'))).toEqual([
      'MLN-004: the state is INFERENCE',
    ]);
    expect(gateway.foreignCallbacks()).toBe(0);
  });

  it('keeps every rule of PoC v2 with a machine behind it, callbacks through the relay included', async () => {
    const gateway = await gatewayWithMachine('v2');
    onTestFinished(() => gateway.close());
    const callbacks = await openCallbackReceiver({ port: 0 });
    onTestFinished(() => callbacks.close());
    const outcomes = await outcomesOf({ ...optionsFor(gateway.url), callbacks, generations: ['v2'] });
    expect(lines(outcomes, 'failed')).toEqual([]);
    expect(lines(outcomes, 'skipped').filter((line) => !line.includes('PoC v1'))).toEqual([
      'MLN-004: the state is INFERENCE',
    ]);
    expect(gateway.foreignCallbacks()).toBe(0);
  });
});
