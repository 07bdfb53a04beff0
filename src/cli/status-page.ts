import { path } from './narrator.ts';
import type { Paint } from './paint.ts';

type Fields = Readonly<Record<string, unknown>>;

/**
 * The answer of `/v1/state` on one screen: what the node is, what comes next and when, machines, money, what is wrong.
 * What an older or newer daemon does not say is left out.
 */
export function statusPage(state: Fields, paint: Paint): string {
  const lines: [string, string][] = [
    ...service(state),
    ...chain(state),
    ...next(state),
    ...warning(state, paint),
    ...machines(state),
    ...money(state),
    ...relay(state),
    ...alerts(state, paint),
  ];
  return lines.map(([title, text]) => `${paint.bold(title.padEnd(10))}${text}\n`).join('');
}

function service(state: Fields): [string, string][] {
  const { state: shown, isInferenceHealthy } = fieldsOf(state['service']);
  if (typeof shown !== 'string') return [];
  const { name, model } = fieldsOf(state['upstream']);
  const health = isInferenceHealthy === false ? 'down' : 'up';
  return [['node', `presents ${shown}; inference by ${text(name)} is ${health}, model ${text(model)}`]];
}

function chain(state: Fields): [string, string][] {
  const { height, phase, standing, blockTimeMs } = fieldsOf(state['chain']);
  if (typeof height !== 'number') return [['chain', 'no head was seen yet']];
  const pace = typeof blockTimeMs === 'number' ? `, a block in ${(blockTimeMs / 1000).toFixed(2)} s` : '';
  return [['chain', `${text(standing)} at height ${grouped(height)}, ${text(phase)}${pace}`]];
}

/** The next three steps are what a glance takes in; `--all` and `plan` have the rest. */
const stepsShown = 3;

function next(state: Fields): [string, string][] {
  const { steps } = fieldsOf(state['plan']);
  const { blockTimeMs } = fieldsOf(state['chain']);
  return listOf(steps)
    .slice(0, stepsShown)
    .map((step, index) => {
      const { what, height, blocksLeft, epochIndex } = step;
      const left = Number(blocksLeft);
      const span = typeof blockTimeMs === 'number' ? ` (about ${duration(left * blockTimeMs)})` : '';
      const title = index === 0 ? 'next' : '';
      return [
        title,
        `in ${grouped(left)} blocks${span}, at ${grouped(Number(height))}: ${text(what)}, PoC ${text(epochIndex)}`,
      ];
    });
}

/** What the operator chose and the chain does not pay. */
function warning(state: Fields, paint: Paint): [string, string][] {
  const { warning: said } = fieldsOf(state['plan']);
  return typeof said === 'string' ? [['warning', paint.yellow(said)]] : [];
}

function machines(state: Fields): [string, string][] {
  const open = listOf(state['machines']).filter(
    ({ chart, status }) => chart === 'lease' && status === 'active',
  );
  if (open.length === 0) return [['machines', 'none']];
  return open.map((row, index) => {
    const { leaseId, instanceId, offer } = fieldsOf(row['context']);
    const { gpuName, gpuCount, price } = fieldsOf(offer);
    const cost = typeof price === 'number' ? `, ${dollars(price)}/h` : '';
    const what = `${text(gpuCount)} × ${text(gpuName)}, instance ${text(instanceId ?? 'not created yet')}${cost}`;
    return [index === 0 ? 'machines' : '', `${text(leaseId)} ${path(row['value'])}: ${what}`];
  });
}

function money(state: Fields): [string, string][] {
  const { spentAndReservedTodayMicroUsd: spent, dailyCapMicroUsd: cap } = fieldsOf(state['money']);
  if (typeof spent !== 'number' || typeof cap !== 'number') return [];
  return [['money', `${dollars(spent)} of ${dollars(cap)} spent or reserved today`]];
}

function relay(state: Fields): [string, string][] {
  const { queued, foreign } = fieldsOf(state['relay']);
  if (typeof queued !== 'number') return [];
  const odd = typeof foreign === 'number' && foreign > 0 ? `, ${foreign} that nobody asked for` : '';
  return [['callbacks', `${queued} wait for delivery${odd}`]];
}

function alerts(state: Fields, paint: Paint): [string, string][] {
  const open = listOf(state['alerts']);
  if (open.length === 0) return [['alerts', paint.green('none')]];
  return open.map(({ code, message }, index) => [
    index === 0 ? 'alerts' : '',
    `${paint.yellow(text(code))} ${text(message)}`,
  ]);
}

/** Micro-dollars as dollars, with as many digits as a rental needs. */
export const dollars = (microUsd: number): string => `$${(microUsd / 1e6).toFixed(4)}`;

/** Two units at most: `2 d 3 h`, `1 h 5 min`, `40 s`. */
export function duration(ms: number): string {
  const seconds = Math.round(ms / 1000);
  const [days, hours, minutes] = [86_400, 3_600, 60].map((unit) => Math.floor(seconds / unit));
  if (days !== undefined && days > 0) return `${days} d ${(hours ?? 0) % 24} h`;
  if (hours !== undefined && hours > 0) return `${hours} h ${(minutes ?? 0) % 60} min`;
  if (minutes !== undefined && minutes > 0) return `${minutes} min`;
  return `${seconds} s`;
}

const grouped = (value: number): string => value.toLocaleString('en-US');
const text = (value: unknown): string =>
  typeof value === 'string' || typeof value === 'number' ? String(value) : 'unknown';
const fieldsOf = (value: unknown): Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : {};
const listOf = (value: unknown): readonly Fields[] =>
  Array.isArray(value) ? value.map((item) => fieldsOf(item)) : [];
