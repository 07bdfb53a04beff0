import type { z } from 'zod';
import { Broken, NotApplicable } from './rule.ts';

/** What the node answered to one call. */
export interface Answer {
  /** `GET /api/v1/state`. */
  readonly what: string;
  readonly status: number;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Real milliseconds from the call to the last byte. */
  readonly ms: number;
}

/** Throws Broken unless the status is one of those that are due. */
export function expectStatus(answer: Answer, ...due: readonly number[]): void {
  if (due.includes(answer.status)) return;
  throw new Broken(`${said(answer)}, where ${due.join(' or ')} is due`);
}

/** The body in its documented shape. Throws Broken with the first thing that is wrong. */
export function readBody<T>(answer: Answer, shape: z.ZodType<T>): T {
  const parsed = shape.safeParse(jsonOf(answer));
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const where = issue?.path.join('.') || 'the body';
  throw new Broken(`${said(answer)}: ${where}: ${issue?.message ?? 'is wrong'}`);
}

/** The same, null when it has another shape: for what another rule is about. */
export function readable<T>(answer: Answer, shape: z.ZodType<T>): T | null {
  try {
    const parsed = shape.safeParse(JSON.parse(answer.body));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}

/** Both at once. */
export function expectBody<T>(answer: Answer, due: number, shape: z.ZodType<T>): T {
  expectStatus(answer, due);
  return readBody(answer, shape);
}

/** Throws NotApplicable for a path that a node of that time may lack: the Network Node takes 404 and 405 for "not there". */
export function expectServed(answer: Answer): void {
  if (answer.status !== 404 && answer.status !== 405) return;
  throw new NotApplicable(`${answer.what} is not served (${answer.status})`);
}

/** The answer in one line, cut to what fits. */
export function said({ what, status, body }: Answer): string {
  const text = body.replaceAll(/\s+/g, ' ').trim();
  const cut = text.length > 120 ? `${text.slice(0, 120)}…` : text;
  return `${what} answered ${`${status} ${cut}`.trim()}`;
}

function jsonOf(answer: Answer): unknown {
  try {
    return JSON.parse(answer.body);
  } catch {
    throw new Broken(`${said(answer)}, which is no JSON`);
  }
}
