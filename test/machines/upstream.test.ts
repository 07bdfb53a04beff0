import { describe, expect, it } from 'vitest';
import { catalogue, type ErrorCode } from '../../src/errors.ts';
import { upstreamMachine, type UpstreamContext } from '../../src/machines/upstream.ts';
import { wiringFaults } from '../../src/machines/wiring-faults.ts';
import { OneRow } from './one-row.ts';

const chart = { machine: upstreamMachine, version: 1, moneyActors: [] };
const breaker = (): OneRow<UpstreamContext> => new OneRow(chart, ['readModels'], { name: 'hyperbolic' });
const failed = (code: ErrorCode) => ({
  type: 'UPSTREAM.FAILED',
  fault: { code, class: catalogue[code].class, message: 'in a test' },
});
const passing = failed('UPSTREAM_UNREACHABLE');
const lasting = failed('UPSTREAM_KEY_REFUSED');

describe('the breaker of a back end', () => {
  it('is wired soundly', () => {
    expect(wiringFaults(upstreamMachine)).toEqual([]);
  });

  it('opens after five passing faults in a row, and not when an answer came between', async () => {
    const row = breaker();
    for (let fault = 0; fault < 4; fault += 1) await row.send(passing);
    await row.send({ type: 'UPSTREAM.ANSWERED' });
    for (let fault = 0; fault < 4; fault += 1) await row.send(passing);
    expect([row.state, row.alerts]).toEqual(['closed', []]);
    await row.send(passing);
    expect([row.state, row.alerts]).toEqual(['open', ['UPSTREAM_UNREACHABLE']]);
    expect(row.context.openSince).toBe(1_000_000);
  });

  it('opens at the first fault that needs a person, for a minute', async () => {
    const row = breaker();
    await row.send(lasting);
    expect([row.state, row.context.openUntil]).toEqual(['open', 1_060_000]);
    expect(await row.lasts(60_000)).toBe(true);
    expect(row.running).toEqual({ actor: 'readModels', input: { name: 'hyperbolic' } });
  });

  it('closes when the models can be read, and the next fault opens it again until an answer proves it well', async () => {
    const row = breaker();
    for (let fault = 0; fault < 5; fault += 1) await row.send(passing);
    expect(await row.lasts(10_000)).toBe(true);
    await row.done();
    expect([row.state, row.context.openSince, row.alerts.length]).toEqual(['closed', null, 1]);
    await row.send(passing);
    expect(row.state).toBe('open');
    expect(await row.lasts(20_000)).toBe(true);
    await row.done();
    await row.send({ type: 'UPSTREAM.ANSWERED' });
    await row.send(passing);
    expect([row.state, row.alerts]).toEqual(['closed', []]);
  });

  it('waits longer after each look that fails, up to five minutes, and keeps its first opening in mind', async () => {
    const row = breaker();
    for (let fault = 0; fault < 5; fault += 1) await row.send(passing);
    for (const pause of [10_000, 20_000, 40_000, 80_000, 160_000, 300_000, 300_000]) {
      expect([pause, await row.lasts(pause)]).toEqual([pause, true]);
      await row.fail('UPSTREAM_UNREACHABLE');
      expect([row.state, row.context.openSince]).toEqual(['open', 1_000_000]);
    }
  });

  it('says that the model is missing whatever its state, until it is listed again', async () => {
    const row = breaker();
    await row.send({ ...failed('UPSTREAM_MODEL_MISSING'), type: 'UPSTREAM.MODEL_MISSING' });
    expect([row.state, row.alerts]).toEqual(['closed', ['UPSTREAM_MODEL_MISSING']]);
    await row.send({ type: 'UPSTREAM.MODEL_LISTED' });
    expect(row.alerts).toEqual([]);
  });
});
