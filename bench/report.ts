import { bounds, verdictOf } from './bounds.ts';
import { type CaseResult, figureOf, type Row } from './result.ts';
import type { Spread } from './statistics.ts';

/**
 * Where the event loop is judged. With 256 callers who never pause, its delay is the work of 256 answers and says
 * nothing else than their rate.
 */
const loopFigures = ['loopDelayP999MsJson32', 'loopDelayP999MsSse500'];

/**
 * The JSON line: each figure's median, `loopDelayP999Ms` as the worse of two cases, the spread of each over the
 * rounds as `[lowest, highest]` under `spreads`.
 */
export function figuresOf(results: readonly CaseResult[]): Record<string, unknown> {
  const figures = results.flatMap(({ rows }) =>
    rows.flatMap((row) => (row.figure === undefined ? [] : [[row.figure, figureOf(row)] as const])),
  );
  const of = (isMeant: (name: string) => boolean): Spread[] =>
    figures.filter(([name]) => isMeant(name)).map(([, spread]) => spread);
  const loop = of((name) => loopFigures.includes(name));
  const cancelled = of((name) => name.startsWith('cancelled'));
  const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
  return {
    ...Object.fromEntries(figures.map(([name, spread]) => [name, rounded(spread.median)])),
    cancelledOf150: sum(cancelled.map((spread) => spread.low)),
    loopDelayP999Ms: rounded(Math.max(...loop.map((spread) => spread.median))),
    disturbedShare: rounded(disturbedShare(results)),
    failed: sum(results.map((result) => result.failed.gateway)),
    failedIn: Object.fromEntries(
      results.filter(({ failed }) => failed.gateway > 0).map(({ name, failed }) => [name, failed.gateway]),
    ),
    failedNginx: sum(results.map((result) => result.failed.nginx)),
    spreads: Object.fromEntries(
      figures.map(([name, spread]) => [name, [rounded(spread.low), rounded(spread.high)]]),
    ),
  };
}

/**
 * Share of the time for which another process had the core while nginx, which has one thread, wanted it. Above some
 * hundredths all figures are noise. Zero when that was not measured.
 */
export function disturbedShare(results: readonly CaseResult[]): number {
  const shares = results
    .flatMap(({ rows }) => rows)
    .filter(({ figure }) => figure?.startsWith('waitedShare'))
    .map(({ nginx }) => nginx?.median ?? 0);
  return Math.max(0, ...shares);
}

/** The rows as a Markdown table: medians with the lowest and the highest round. */
export function tableOf(results: readonly CaseResult[]): string {
  const lines = results.flatMap(({ rows }) => rows.map(lineOf));
  return [
    '| | gateway | nginx | gateway against nginx | must | goal | |',
    '|---|---|---|---|---|---|---|',
    ...lines,
  ].join('\n');
}

function lineOf(row: Row): string {
  const bound = bounds[row.figure ?? ''];
  const sign = bound?.sense === 'atMost' ? '≤ ' : '≥ ';
  const verdict = row.figure === undefined ? undefined : verdictOf(row.figure, figureOf(row).median);
  const cells = [
    row.unit === '' ? row.title : `${row.title}, ${row.unit}`,
    textOf(row.gateway),
    row.nginx === undefined ? '' : textOf(row.nginx),
    row.against === undefined ? '' : againstText(row.against),
    bound === undefined ? '' : `${sign}${bound.must}`,
    bound?.goal === undefined ? '' : `${sign}${bound.goal}`,
    verdict ?? '',
  ];
  return `| ${cells.join(' | ')} |`;
}

const againstText = ({ kind, spread }: NonNullable<Row['against']>): string =>
  kind === 'ratio' ? `× ${textOf(spread)}` : `${spread.median >= 0 ? '+' : ''}${textOf(spread)}`;

const textOf = ({ median, low, high, rounds }: Spread): string =>
  rounds === 1 || low === high
    ? String(rounded(median))
    : `${rounded(median)} (${rounded(low)}…${rounded(high)})`;

/** Three digits that count; whole numbers from 1 000 on. JSON has no infinity: null there. */
export function rounded(value: number): number {
  if (!Number.isFinite(value) || Math.abs(value) >= 1_000) return Math.round(value);
  return Number(value.toPrecision(3));
}
