import { parsedJson } from '../mlnode-api/raw-body.ts';
import type { Answer } from './answer.ts';
import { isFields, unknownTokens } from './completion-chunk.ts';
import type { ClientFailure } from './status-table.ts';

/** Of a refusal only its beginning is read. */
const readBytesMax = 16 * 1024;

/**
 * The body of a 422: which fields were wrong. Their names and the kind of fault are passed on, never its text, which
 * may quote the request. Any other shape leaves the neutral message.
 */
export class RefusedAnswer implements Answer {
  readonly tokens = unknownTokens;
  readonly seenTokens = 0;
  readonly #failure: ClientFailure;
  #text = '';
  verdict: ClientFailure | undefined;

  constructor(failure: ClientFailure) {
    this.#failure = failure;
  }

  push(bytes: Buffer): boolean {
    this.#text += bytes.toString('latin1');
    if (this.#text.length > readBytesMax) this.end();
    return true;
  }

  end(): void {
    const named = namedFields(this.#text);
    const message = `Invalid request: ${named.join('; ')}.`;
    this.verdict ??= named.length === 0 ? this.#failure : { ...this.#failure, message };
  }
}

function namedFields(text: string): string[] {
  const value = parsedJson(text)?.value;
  const detail = isFields(value) ? value['detail'] : undefined;
  if (!Array.isArray(detail)) return [];
  return (detail as unknown[]).slice(0, 5).flatMap((fault) => {
    const loc = isFields(fault) ? fault['loc'] : undefined;
    if (!isFields(fault) || !Array.isArray(loc)) return [];
    const name = (loc as unknown[])
      .filter((part) => part !== 'body')
      .map(String)
      .join('.');
    // A path or a kind of fault is short and plain; whatever is not is somebody's text.
    if (!/^[\w.]{1,80}$/.test(name)) return [];
    const kind =
      typeof fault['type'] === 'string' && /^[\w.]{1,40}$/.test(fault['type']) ? ` (${fault['type']})` : '';
    return [`"${name}" was not accepted${kind}`];
  });
}
