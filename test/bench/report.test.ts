import { describe, expect, it } from 'vitest';
import { verdictOf } from '../../bench/bounds.ts';
import { pageWith } from '../../bench/page.ts';
import { planOf } from '../../bench/plan.ts';
import { figuresOf, rounded, tableOf } from '../../bench/report.ts';
import type { CaseResult } from '../../bench/result.ts';
import { spreadOf } from '../../bench/statistics.ts';

const results: readonly CaseResult[] = [
  {
    name: 'json32',
    failed: { gateway: 2, nginx: 0 },
    rows: [
      {
        title: 'answers',
        unit: '1/s',
        gateway: spreadOf([10, 12]),
        nginx: spreadOf([50, 60]),
        against: { kind: 'ratio', spread: spreadOf([0.2, 0.22]) },
        figure: 'jsonRatio32',
      },
      { title: 'loop', unit: 'ms', gateway: spreadOf([4, 6]), figure: 'loopDelayP999MsJson32' },
      {
        title: 'waited',
        unit: '',
        gateway: spreadOf([0.2]),
        nginx: spreadOf([0.04]),
        figure: 'waitedShare32',
      },
      { title: 'a line of the table only', unit: '', gateway: spreadOf([1]) },
    ],
  },
  {
    name: 'others',
    failed: { gateway: 1, nginx: 4 },
    rows: [
      { title: 'loop', unit: 'ms', gateway: spreadOf([9, 11]), figure: 'loopDelayP999MsSse500' },
      { title: 'gone early', unit: 'of 50', gateway: spreadOf([50, 49]), figure: 'cancelledBeforeHead' },
      { title: 'gone late', unit: 'of 50', gateway: spreadOf([50, 50]), figure: 'cancelledMidStream' },
    ],
  },
];

describe('the JSON line', () => {
  it('holds the median of each figure and its spread', () => {
    expect(figuresOf(results)).toMatchObject({
      jsonRatio32: 0.21,
      spreads: { jsonRatio32: [0.2, 0.22], loopDelayP999MsSse500: [9, 11] },
    });
  });

  it('adds up what failed, takes the worst loop and the worst round of those who vanished', () => {
    expect(figuresOf(results)).toMatchObject({
      failed: 3,
      failedIn: { json32: 2, others: 1 },
      failedNginx: 4,
      disturbedShare: 0.04,
      loopDelayP999Ms: 10,
      cancelledOf150: 99,
    });
  });
});

describe('the table', () => {
  it('shows medians, spreads, bounds and the verdict', () => {
    expect(tableOf(results).split('\n')).toContain(
      '| answers, 1/s | 11 (10…12) | 55 (50…60) | × 0.21 (0.2…0.22) | ≥ 0.2 | ≥ 0.25 | met |',
    );
  });

  it('takes the place of the last one in the page, and of nothing else', () => {
    const mark = '<!-- figures: written by `npm run bench -- gateway --page` -->';
    const page = `# Title\n\n${mark}\nold\n<!-- /figures -->\n\nText.\n`;
    const machine = {
      cpu: 'X',
      cores: 2,
      node: '24',
      nginx: '1',
      rounds: 5,
      isQuick: false,
      day: '2026-01-01',
    };
    const next = pageWith(page, '| new |', machine);
    expect(next).toContain('2026-01-01, 2 cores (X), Node 24, nginx 1, 5 rounds.');
    expect(next).not.toContain('old');
    expect(pageWith(next, '| new |', machine)).toBe(next);
    expect(next.endsWith('<!-- /figures -->\n\nText.\n')).toBe(true);
    expect(() => pageWith('# Title', '', machine)).toThrow(RangeError);
  });
});

describe('a verdict', () => {
  it.each([
    ['jsonRatio256', 0.25, 'goal'],
    ['jsonRatio256', 0.2, 'met'],
    ['jsonRatio256', 0.199, 'missed'],
    ['cpuPerEventRatio500', 1.3, 'goal'],
    ['cpuPerEventRatio500', 1.6, 'met'],
    ['cpuPerEventRatio500', 1.61, 'missed'],
    ['aggregateCpuMs', 1, undefined],
  ])('on %s of %d is %s', (figure, value, verdict) => {
    expect(verdictOf(figure, value)).toBe(verdict);
  });
});

it('keeps three digits that count, and whole numbers from a thousand on', () => {
  expect([0.123456, 12.3456, 123.456, 12_345.6, 0].map(rounded)).toEqual([0.123, 12.3, 123, 12_346, 0]);
});

it('has at least five rounds in the full plan, and as many as asked for in any', () => {
  expect(planOf(false, undefined).rounds).toBeGreaterThanOrEqual(5);
  expect(planOf(true, 7).rounds).toBe(7);
});
