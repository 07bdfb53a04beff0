import type { WholeAnswerOptions } from './aggregate-answer.ts';
import { type Answer, answerBytesMax } from './answer.ts';
import {
  type Fields,
  isFields,
  mendChoice,
  readAnswerObject,
  textOf,
  type TokenCounts,
  tokensOf,
  unknownTokens,
} from './completion-chunk.ts';
import type { Verdict } from './completion-stream.ts';
import type { InferenceKind } from './inference-request.ts';
import { asLatin1, restoredModel } from './restored-model.ts';
import { badAnswer } from './status-table.ts';
import { estimatedUsage } from './usage-estimate.ts';

/** An answer in one piece. It is read as latin1 throughout: nothing in it is looked at but its structure. */
export class PlainAnswer implements Answer {
  readonly #options: WholeAnswerOptions;
  readonly #pieces: Buffer[] = [];
  #bytes = 0;
  verdict: Verdict | undefined;
  tokens: TokenCounts = unknownTokens;
  seenTokens = 0;

  constructor(options: WholeAnswerOptions) {
    this.#options = options;
  }

  push(bytes: Buffer): boolean {
    this.#pieces.push(bytes);
    this.#bytes += bytes.length;
    if (this.#bytes > answerBytesMax) this.verdict = badAnswer;
    return true;
  }

  end(): void {
    const [first] = this.#pieces;
    const whole = this.#pieces.length === 1 && first ? first : Buffer.concat(this.#pieces);
    this.verdict ??= this.#told(whole.toString('latin1'));
  }

  #told(text: string): Verdict {
    const { request, model, reply } = this.#options;
    const reading = readAnswerObject(text);
    if ('failure' in reading) return reading.failure;
    const { object } = reading;
    const choices = mendedChoices(object['choices'], request.kind);
    if (choices === 'bad') return badAnswer;
    let isChanged = choices === 'changed';
    if (isFields(object['usage'])) this.tokens = tokensOf(object['usage']);
    else {
      this.seenTokens = tokensSeen(object, request.kind);
      object['usage'] = estimatedUsage(request, this.seenTokens);
      isChanged = true;
    }
    const known = asLatin1(model);
    reply.whole(isChanged ? JSON.stringify({ ...object, model: known }) : restoredModel(text, object, known));
    return 'complete';
  }
}

function mendedChoices(choices: unknown, kind: InferenceKind): 'fine' | 'changed' | 'bad' {
  if (!Array.isArray(choices) || choices.length === 0) return 'bad';
  let isChanged = false;
  for (const choice of choices as unknown[]) {
    const mended = mendChoice(choice, kind, 'message', false);
    if (mended === 'bad') return 'bad';
    const whole = choice as Fields;
    if (mended === 'changed' || mendNullContent(whole)) isChanged = true;
  }
  return isChanged ? 'changed' : 'fine';
}

/** Null stands beside tool calls only; a text that is not there is an empty one. */
function mendNullContent({ message }: Fields): boolean {
  if (!isFields(message) || typeof message['content'] === 'string' || Array.isArray(message['tool_calls']))
    return false;
  message['content'] = '';
  return true;
}

/** Log probabilities where there are any; a text alone tells no count, so its words stand in. */
function tokensSeen(object: Fields, kind: InferenceKind): number {
  return (object['choices'] as Fields[]).reduce((sum, choice) => {
    const logprobs = choice['logprobs'];
    const content = isFields(logprobs) ? logprobs['content'] : undefined;
    const words = textOf(choice, kind, 'message').match(/\S+/g)?.length ?? 0;
    return sum + (Array.isArray(content) ? content.length : words);
  }, 0);
}
