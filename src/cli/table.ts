import type { Paint } from './paint.ts';

/**
 * Rows under a head, each column as wide as its widest cell: for a person at a terminal. Programs take `--json`.
 * Cells are plain text; numbers are aligned to the right.
 */
export function table(head: readonly string[], rows: readonly (readonly string[])[], paint: Paint): string {
  const widths = head.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => (row[column] ?? '').length)),
  );
  const isNumber = head.map((_, column) =>
    rows.every((row) => /^[$\d.,%+-]*$/.test((row[column] ?? '').trim())),
  );
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, column) =>
        isNumber[column] ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0),
      )
      .join('  ')
      .trimEnd();
  return `${[paint.dim(line(head)), ...rows.map(line)].join('\n')}\n`;
}
