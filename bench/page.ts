import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Machine } from './machine.ts';

const path = join(import.meta.dirname, '../docs/reference/benchmarks.md');
const [begin, end] = ['<!-- figures: written by `npm run bench -- gateway --page` -->', '<!-- /figures -->'];

/** Puts a run's table into the page. */
export function writePage(table: string, machine: Machine): void {
  writeFileSync(path, pageWith(readFileSync(path, 'utf8'), table, machine));
}

/** The page with new figures; its other text stays. Throws a RangeError when the page lacks its marks. */
export function pageWith(page: string, table: string, machine: Machine): string {
  const [from, to] = [page.indexOf(begin), page.indexOf(end)];
  if (from < 0 || to < from) throw new RangeError('the page has no place for figures');
  return `${page.slice(0, from)}${begin}\n\n${runText(machine)}\n\n${table}\n\n${page.slice(to)}`;
}

const runText = ({ cpu, cores, node, nginx, rounds, isQuick, day }: Machine): string =>
  `${day}, ${cores} cores (${cpu}), Node ${node}, nginx ${nginx}, ${rounds} rounds${isQuick ? ' of the quick plan' : ''}.`;
