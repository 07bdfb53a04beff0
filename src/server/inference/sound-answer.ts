import { parsedJson } from '../mlnode-api/raw-body.ts';
import { finishReasons, isFields, type TokenCounts, tokensOf } from './completion-chunk.ts';
import { fieldStretches } from './field-stretches.ts';
import type { InferenceKind } from './inference-request.ts';

/** What a whole answer states that needs no mending. */
export interface SoundAnswer {
  readonly model: unknown;
  readonly tokens: TokenCounts;
}

/**
 * An answer that can go on as it stands: one choice with its text, a known reason for its end, and the usage. Looked
 * at by its structure alone, as its long text is the one thing that nobody needs parsed. Undefined for any other, good
 * or bad, which has to be read in full.
 */
export function soundAnswer(text: string, kind: InferenceKind): SoundAnswer | undefined {
  const fields = fieldStretches(text);
  if (fields === undefined || isStated(fields.get('error')) || fields.get('object') === '"error"')
    return undefined;
  const choices = fields.get('choices');
  const choice = choices?.startsWith('[{') === true ? fieldStretches(choices.slice(1, -1)) : undefined;
  if (choice === undefined || !isSoundChoice(choice, kind)) return undefined;
  const usage = parsedJson(fields.get('usage') ?? '')?.value;
  if (!isFields(usage)) return undefined;
  return { model: parsedJson(fields.get('model') ?? '')?.value, tokens: tokensOf(usage) };
}

type Stretches = ReadonlyMap<string, string>;

/** As `mendChoice` leaves it alone. */
function isSoundChoice(choice: Stretches, kind: InferenceKind): boolean {
  const reason = choice.get('finish_reason');
  if (isStated(reason) && !quotedReasons.has(reason)) return false;
  const stopReason = choice.get('stop_reason');
  if (isStated(stopReason) && !isText(stopReason)) return false;
  if (kind === 'text') return isText(choice.get('text'));
  const message = choice.get('message');
  return message?.startsWith('{') === true && isText(fieldStretches(message)?.get('content'));
}

const isStated = (stretch: string | undefined): stretch is string =>
  stretch !== undefined && stretch !== 'null';

const isText = (stretch: string | undefined): boolean => stretch?.startsWith('"') === true;

const quotedReasons: ReadonlySet<string> = new Set(
  [...finishReasons].map((reason) => JSON.stringify(reason)),
);
