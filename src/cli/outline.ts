import type { Paint } from './paint.ts';

/**
 * Any JSON value as an indented outline for a person: objects as `name: value` lines, lists of objects as blocks led
 * by a dash, money and instants by the unit that ends their name (`…MicroUsd`, `…At`). A newer daemon may say more
 * than this version knows; nothing that it says is left out.
 */
export function outline(value: unknown, paint: Paint): string {
  const lines = isRecord(value) ? record(value, '', paint) : [plain('', value)];
  return `${lines.join('\n')}\n`;
}

function record(value: Readonly<Record<string, unknown>>, indent: string, paint: Paint): string[] {
  return Object.entries(value).flatMap(([name, field]) => entry(name, field, indent, paint));
}

function entry(name: string, value: unknown, indent: string, paint: Paint): string[] {
  const title = indent === '' ? paint.bold(name) : paint.dim(name);
  const inside = `${indent}  `;
  if (Array.isArray(value)) {
    if (value.length === 0) return [`${indent}${title}: none`];
    return [`${indent}${title}:`, ...value.flatMap((item) => listed(item, inside, paint))];
  }
  if (isRecord(value)) {
    if (Object.keys(value).length === 0) return [`${indent}${title}: none`];
    return [`${indent}${title}:`, ...record(value, inside, paint)];
  }
  return [`${indent}${title}: ${plain(name, value)}`];
}

function listed(item: unknown, indent: string, paint: Paint): string[] {
  if (!isRecord(item)) return [`${indent}- ${plain('', item)}`];
  const lines = record(item, `${indent}  `, paint);
  const [first, ...rest] = lines;
  return first === undefined ? [`${indent}- none`] : [`${indent}- ${first.trimStart()}`, ...rest];
}

/** Instants of this century, in milliseconds. */
const instant = { from: 946_684_800_000, to: 4_102_444_800_000 };

function plain(name: string, value: unknown): string {
  if (typeof value === 'number') {
    if (/microUsd$/i.test(name)) return `$${(value / 1e6).toFixed(4)}`;
    const isInstant = value >= instant.from && value <= instant.to;
    if (isInstant && /(at|since|until|unixMs)$/i.test(name)) return new Date(value).toISOString();
    return String(value);
  }
  if (typeof value === 'string') return value;
  return JSON.stringify(value) ?? 'none';
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
