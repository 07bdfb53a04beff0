import type { TextSink } from './command.ts';

/** One line at the bottom of a terminal that is written over and over; elsewhere nothing at all. */
export interface ProgressLine {
  /** `share` in [0, 1] draws a bar before the text. */
  show(text: string, share?: number): void;
  /** Removes the line, so that something can be printed that stays. */
  wipe(): void;
}

const barCells = 20;

export function createProgressLine(sink: TextSink): ProgressLine {
  let isShown = false;
  const wipe = (): void => {
    if (isShown) sink.write('\r\u001b[K');
    isShown = false;
  };
  return {
    show: (text, share) => {
      if (sink.isTTY !== true) return;
      wipe();
      const bar = share === undefined ? '' : `${barOf(share)} `;
      sink.write(`${bar}${text}`.slice(0, (sink.columns ?? 100) - 1));
      isShown = true;
    },
    wipe,
  };
}

function barOf(share: number): string {
  const full = Math.round(barCells * Math.max(0, Math.min(1, share)));
  return '█'.repeat(full).padEnd(barCells, '░');
}
