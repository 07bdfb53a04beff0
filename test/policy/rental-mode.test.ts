import { describe, expect, it } from 'vitest';
import { chanceOfEvent, chooseMode, type ConfirmationKnowledge } from '../../src/policy/rental-mode.ts';

const nothing: ConfirmationKnowledge = {
  expectedPerEpoch: null,
  adminExpectedPerEpoch: null,
  wasEventSeen: false,
};

describe('the rental policy auto', () => {
  it.each<[string, Partial<ConfirmationKnowledge>, 'sprint' | 'epoch']>([
    ['the chain expects some', { expectedPerEpoch: 4 }, 'epoch'],
    ['the chain expects none', { expectedPerEpoch: 0 }, 'sprint'],
    ['only the admin configuration speaks, and expects some', { adminExpectedPerEpoch: 1 }, 'epoch'],
    ['only the admin configuration speaks, and expects none', { adminExpectedPerEpoch: 0 }, 'sprint'],
    ['the parameters say none, but one was seen', { expectedPerEpoch: 0, wasEventSeen: true }, 'epoch'],
    ['nothing could be read', {}, 'epoch'],
  ])('when %s', (_, known, mode) => {
    const choice = chooseMode('auto', { ...nothing, ...known });
    expect(choice.mode).toBe(mode);
    expect(choice.reason).toMatch(/^RENTAL_POLICY=auto, and /);
    expect(choice.warning).toBeNull();
  });
});

describe('the reason', () => {
  const reason = (known: Partial<ConfirmationKnowledge>) => chooseMode('auto', { ...nothing, ...known });

  it('names the source that was believed: the chain before the configuration', () => {
    expect(reason({ expectedPerEpoch: 4, adminExpectedPerEpoch: 0 })).toMatchObject({
      reason: "RENTAL_POLICY=auto, and the chain's parameters expect 4 confirmation PoCs an epoch",
      expectedPerEpoch: 4,
    });
    expect(reason({ adminExpectedPerEpoch: 2 })).toMatchObject({
      reason: "RENTAL_POLICY=auto, and the Network Node's configuration expect 2 confirmation PoCs an epoch",
      expectedPerEpoch: 2,
    });
    expect(reason({ expectedPerEpoch: 0 })).toMatchObject({
      reason: "RENTAL_POLICY=auto, and the chain's parameters expect no confirmation PoC",
      expectedPerEpoch: 0,
    });
    expect(reason({})).toMatchObject({ expectedPerEpoch: null });
    expect(reason({ wasEventSeen: true }).reason).toContain('a confirmation PoC was seen');
  });
});

describe('a rental policy of the operator', () => {
  it('is followed, and a sprint on a chain with confirmation PoC is warned about in plain words', () => {
    const running = { ...nothing, expectedPerEpoch: 4 };
    expect(chooseMode('off', running).mode).toBe('off');
    expect(chooseMode('epoch', { ...nothing, expectedPerEpoch: 0 })).toMatchObject({
      mode: 'epoch',
      warning: null,
    });
    expect(chooseMode('sprint', running)).toMatchObject({
      mode: 'sprint',
      warning: expect.stringContaining('the whole epoch earns nothing'),
    });
    expect(chooseMode('sprint', { ...nothing, expectedPerEpoch: 0 }).warning).toBeNull();
  });
});

it('four expected events leave an epoch without one in one of fifty', () => {
  expect(1 - chanceOfEvent(4, 1)).toBeCloseTo(0.018, 3);
  expect(chanceOfEvent(4, 0)).toBe(0);
  expect(chanceOfEvent(4, 2)).toBe(chanceOfEvent(4, 1));
});
