import type { UpstreamHead } from './interface.ts';
import { retryAfterSeconds } from './retry-after.ts';

/** Header lines by lower-case name; one that came several times is a list. */
export type HeaderLines = Readonly<Record<string, string | readonly string[] | undefined>>;

/** What a gateway needs of an answer's head. `nowMs`: wall-clock Unix milliseconds, for a `Retry-After` date. */
export const answerHead = (status: number, headers: HeaderLines, nowMs: number): UpstreamHead => ({
  status,
  contentType: headerLine(headers, 'content-type') ?? '',
  retryAfterSeconds: retryAfterSeconds(headerLine(headers, 'retry-after'), nowMs),
});

export function headerLine(headers: HeaderLines, name: string): string | undefined {
  const value = headers[name];
  return typeof value === 'object' ? value.join(', ') : value;
}
