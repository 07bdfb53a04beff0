import { describe, expect, it } from 'vitest';
import { alternate, compare } from '../../bench/alternation.ts';
import type { Subject } from '../../bench/subject.ts';

const subject = (name: Subject['name']): Subject => ({ name, pid: 0, port: 0, stop: async () => {} });
const subjects = { gateway: subject('gateway'), nginx: subject('nginx') };

describe('alternation', () => {
  it('measures gateway, nginx, nginx, gateway in each round', async () => {
    const order: string[] = [];
    await alternate(2, subjects, async ({ name }) => void order.push(name));
    expect(order.join(' ')).toBe('gateway nginx nginx gateway gateway nginx nginx gateway');
  });

  it('compares inside a round, so that a machine that becomes slower changes no ratio', async () => {
    let slowness = 1;
    const rounds = await alternate(5, subjects, async ({ name }) => {
      slowness += 0.1;
      return (name === 'gateway' ? 20 : 100) / slowness;
    });
    const { ratio, nginx } = compare(rounds, (rate) => rate);
    expect(nginx.high / nginx.low).toBeGreaterThan(1.5);
    for (const value of [ratio.low, ratio.median, ratio.high]) expect(value).toBeCloseTo(0.2, 2);
  });

  it('takes the difference inside a round as well', () => {
    const rounds = [
      { gateway: [3, 5], nginx: [1, 1] },
      { gateway: [14, 14], nginx: [10, 12] },
    ];
    expect(compare(rounds, (value) => value).difference).toEqual({ median: 3, low: 3, high: 3, rounds: 2 });
  });
});
