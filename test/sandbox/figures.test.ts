import { describe, expect, it } from 'vitest';
import { type Bounds, blemishes } from '../../src/sandbox/blemishes.ts';
import { type Figures, figuresOf } from '../../src/sandbox/figures.ts';
import { lostCallbacks } from '../../src/figures/lost-callbacks.ts';
import {
  callbackBook,
  epochBook,
  type HandwrittenBooks,
  instanceBook,
  machineBook,
  pocStartHeight,
  townBooks,
} from './handwritten-books.ts';

const clients = { requests: 6, failed: 0, streamed: 3, failures: {} };
const figures = (given: HandwrittenBooks = {}): Figures => figuresOf(townBooks(given), 1, clients);

describe('figures of a run', () => {
  it('are the sums of the books', () => {
    expect(figures()).toEqual({
      pocVersion: 1,
      confirmationsServed: 0,
      confirmationsMissed: 0,
      epochsUnrewarded: 0,
      artifactsAccepted: 0,
      epochs: 1,
      completed: 1,
      missed: 0,
      noncesProduced: 4,
      noncesSent: 3,
      noncesAccepted: 3,
      noncesDuplicate: 0,
      noncesOutOfClass: 0,
      machines: 1,
      validationsDue: 2,
      validationsDelivered: 2,
      callbacksLost: 0,
      callbacksUndeliverable: 0,
      leases: 1,
      leasesAhead: 0,
      leakedInstances: 0,
      paidSeconds: 1_060,
      paidBeforePocSeconds: 50,
      paidAfterHoldSeconds: 10,
      usefulSeconds: 1_000,
      costUsd: 0.5,
      inference: { requests: 10, failed: 0, streamed: 5, failures: {} },
    });
  });

  it('count a nonce once a PoC, whichever machines computed it', () => {
    const again = machineBook({ nonces: [4, 5], postedNonces: [3] }, 2);
    expect(figures({ machines: [machineBook(), again] })).toMatchObject({ noncesProduced: 5, noncesSent: 3 });
  });

  it('count the machines of the PoC that had the fewest, and the useful time of each', () => {
    const machines = [
      machineBook(),
      machineBook({ postedNonces: [8] }, 2),
      machineBook({ postedNonces: [] }, 3),
    ];
    expect(figures({ machines })).toMatchObject({ machines: 2, usefulSeconds: 2_000 });
    const epochs = [epochBook(), epochBook({ pocStartHeight: 1_600 })];
    expect(figures({ machines, epochs }).machines).toBe(0);
  });

  it('take a machine without books as one that did nothing', () => {
    expect(figures({ machines: [{ instanceId: 1 }] })).toMatchObject({
      noncesProduced: 0,
      paidBeforePocSeconds: 1_060,
      paidAfterHoldSeconds: 0,
    });
  });

  it('leave a PoC that is not judged yet out', () => {
    const open = epochBook({ pocStartHeight: 1_600, verdict: 'open', validationsDue: 9 });
    expect(figures({ epochs: [epochBook(), open] })).toMatchObject({
      completed: 1,
      missed: 0,
      validationsDue: 2,
    });
  });

  it('find no useful second in a missed PoC, nor in one whose windows never closed', () => {
    expect(figures({ epochs: [epochBook({ verdict: 'missed' })] })).toMatchObject({
      completed: 0,
      missed: 1,
      usefulSeconds: 0,
    });
    const { windows } = epochBook();
    const unclosed = { ...windows, validated: { ...windows.validated, closedAtMs: null } };
    expect(figures({ epochs: [epochBook({ windows: unclosed })] })).toMatchObject({
      usefulSeconds: 0,
      paidAfterHoldSeconds: 0,
    });
  });

  it('tell machines for the next PoC from those of the judged one', () => {
    const ahead = instanceBook({ instanceId: 2, createdAt: 1_100_001, runningAt: null, gpuSeconds: 0 });
    expect(figures({ instances: [instanceBook(), ahead] })).toMatchObject({ leases: 2, leasesAhead: 1 });
  });

  it("end a machine's time where its meter ends, destroyed or not", () => {
    const left = instanceBook({ destroyedAt: null, gpuSeconds: 2_050 });
    expect(figures({ instances: [left] })).toMatchObject({ leakedInstances: 1, paidAfterHoldSeconds: 1_000 });
  });

  it('add up what was wrong with inference by its reason', () => {
    const inference = { requests: 4, failed: 2, streamed: 2, failures: { 'no answer': 1, 'no usage': 1 } };
    const seen = { requests: 6, failed: 1, streamed: 3, failures: { 'no answer': 1 } };
    expect(figuresOf(townBooks({ inference }), 1, seen).inference).toEqual({
      requests: 10,
      failed: 3,
      streamed: 5,
      failures: { 'no answer': 2, 'no usage': 1 },
    });
  });
});

describe('lost callbacks', () => {
  const lost = (given: HandwrittenBooks) => {
    const { vast, networkNode } = townBooks(given);
    return lostCallbacks(vast, networkNode);
  };
  const told = (...callbacks: ReturnType<typeof callbackBook>[]) => [machineBook({ callbacks })];

  it('are those that a machine was told 2xx and the Network Node never took', () => {
    const accepted = [{ pocStartHeight, hash: 'taken' }];
    const machines = told(callbackBook({ looseHash: 'taken' }), callbackBook());
    expect(lost({ machines, accepted })).toEqual({ lost: 1, undeliverable: 0 });
  });

  it('are not those that no machine was told about', () => {
    expect(lost({ machines: told(callbackBook({ ackedAt: null })) })).toEqual({ lost: 0, undeliverable: 0 });
  });

  it('count even if the same body was taken in another PoC', () => {
    expect(
      lost({ machines: told(callbackBook()), accepted: [{ pocStartHeight: 400, hash: 'batch' }] }).lost,
    ).toBe(1);
  });

  it('are undeliverable when fewer than 30 s of their window were left', () => {
    const at = (ackedAt: number) => lost({ machines: told(callbackBook({ ackedAt })) });
    expect(at(430_000)).toEqual({ lost: 1, undeliverable: 0 });
    expect(at(430_001)).toEqual({ lost: 0, undeliverable: 1 });
    expect(at(470_000)).toEqual({ lost: 0, undeliverable: 1 });
  });

  it('have the whole window when they came before it opened', () => {
    expect(lost({ machines: told(callbackBook({ kind: 'validated', ackedAt: 10_000 })) }).lost).toBe(1);
  });

  it('are undeliverable when the Network Node was away for the rest of the window, but for less than 30 s', () => {
    const during = (fromMs: number, toMs: number | null) =>
      lost({ machines: told(callbackBook()), outages: [{ fromMs, toMs }] });
    expect(during(220_000, null)).toEqual({ lost: 0, undeliverable: 1 });
    expect(during(150_000, 440_000)).toEqual({ lost: 0, undeliverable: 1 });
    expect(during(150_000, 420_000)).toEqual({ lost: 1, undeliverable: 0 });
    expect(during(470_000, null)).toEqual({ lost: 1, undeliverable: 0 });
  });

  it('are undeliverable when their window never opened, or their PoC is unknown', () => {
    const { windows } = epochBook();
    const unopened = { ...windows, generated: { openedAtMs: null, closedAtMs: null } };
    const machines = told(callbackBook());
    expect(lost({ machines, epochs: [epochBook({ windows: unopened })] }).undeliverable).toBe(1);
    expect(lost({ machines, epochs: [] }).undeliverable).toBe(1);
  });

  it('are lost when the window is still open and nothing arrived', () => {
    const { windows } = epochBook();
    const open = { ...windows, generated: { ...windows.generated, closedAtMs: null } };
    expect(lost({ machines: told(callbackBook()), epochs: [epochBook({ windows: open })] }).lost).toBe(1);
  });
});

describe('blemishes', () => {
  const bounds: Bounds = { accidents: 0, speed: 100, leadSeconds: 2_100 };
  const good = figures();
  const bad: readonly [string, Partial<Figures>][] = [
    ['0 of 1 epochs completed', { completed: 0 }],
    ['1 epochs missed', { missed: 1 }],
    ['no nonces accepted', { noncesAccepted: 0, noncesSent: 0 }],
    ['3 nonces sent, 2 accepted', { noncesAccepted: 2 }],
    ['2 validations due, 1 delivered', { validationsDelivered: 1 }],
    ['2 nonces received more than once', { noncesDuplicate: 2 }],
    ["2 nonces of another node's class", { noncesOutOfClass: 2 }],
    ['0 machines worked in a PoC of 1', { machines: 0 }],
    ['1 callbacks lost', { callbacksLost: 1 }],
    ['1 instances leaked', { leakedInstances: 1 }],
    ['no inference was asked for', { inference: { ...good.inference, requests: 0 } }],
    ['1 inference requests failed', { inference: { ...good.inference, failed: 1 } }],
    ['2 machines rented for 1 epochs', { leases: 2 }],
    ['2101 GPU seconds paid before PoC, 2100 at most', { paidBeforePocSeconds: 2_101 }],
    ['321 GPU seconds paid after PoC, 320 at most', { paidAfterHoldSeconds: 321 }],
  ];

  it('are none when all is as it should be, a machine for the next PoC included', () => {
    expect(blemishes(good, bounds)).toEqual([]);
    expect(blemishes({ ...good, leases: 2, leasesAhead: 1 }, bounds)).toEqual([]);
    expect(blemishes({ ...good, paidBeforePocSeconds: 2_100, paidAfterHoldSeconds: 320 }, bounds)).toEqual(
      [],
    );
  });

  it('allow a fleet its machines, and miss the one that did not work', () => {
    const fleet = { ...bounds, fleetWidth: 3 };
    expect(blemishes({ ...good, leases: 3, machines: 3 }, fleet)).toEqual([]);
    expect(blemishes({ ...good, leases: 4, machines: 2 }, fleet)).toEqual([
      '2 machines worked in a PoC of 3',
      '4 machines rented for 1 epochs',
    ]);
  });

  it.each(bad)('name it: %s', (text, wrong) => {
    expect(blemishes({ ...good, ...wrong }, bounds)).toEqual([text]);
  });

  it('do not blame the daemon for further machines where the provider has accidents', () => {
    const wrong = { leases: 3, paidBeforePocSeconds: 9_000, paidAfterHoldSeconds: 9_000 };
    expect(blemishes({ ...good, ...wrong }, { ...bounds, accidents: 1 })).toEqual([]);
    expect(blemishes({ ...good, ...wrong, leakedInstances: 1 }, { ...bounds, accidents: 1 })).toEqual([
      '1 instances leaked',
    ]);
  });
});
