import { type Fields, isFields } from './completion-chunk.ts';
import type { InferenceKind } from './inference-request.ts';

/**
 * The answer in one piece that a stream amounts to: what the same back end would have said to a plain request.
 * Texts are joined, fragments of tool calls by their index, log probabilities one after the other.
 */
export class CompletionAggregate {
  readonly #kind: InferenceKind;
  readonly #choices = new Map<number, Fields>();
  #head: Fields = {};
  #usage: unknown;

  constructor(kind: InferenceKind) {
    this.#kind = kind;
  }

  add(chunk: Fields): void {
    const { choices, usage, ...head } = chunk;
    this.#head = { ...head, ...this.#head };
    if (isFields(usage)) this.#usage = usage;
    for (const [place, choice] of (choices as Fields[]).entries()) {
      const index = typeof choice['index'] === 'number' ? choice['index'] : place;
      const whole = this.#choices.get(index) ?? this.#fresh(index);
      this.#choices.set(index, whole);
      this.#join(whole, choice);
    }
  }

  /** `usage` stands in when no chunk had any. */
  whole(model: string, usage: unknown): Fields {
    const choices = [...this.#choices.values()].toSorted((a, b) => Number(a['index']) - Number(b['index']));
    for (const choice of choices) if (isFields(choice['message'])) settleMessage(choice['message']);
    const object = this.#kind === 'chat' ? 'chat.completion' : 'text_completion';
    return { ...this.#head, object, model, choices, usage: this.#usage ?? usage };
  }

  #fresh(index: number): Fields {
    const body = this.#kind === 'chat' ? { message: { role: 'assistant' } } : { text: '' };
    return { index, ...body, finish_reason: null, logprobs: null };
  }

  #join(whole: Fields, { delta, text, logprobs, index: _index, ...rest }: Fields): void {
    if (typeof text === 'string') whole['text'] = textBefore(whole['text']) + text;
    if (isFields(delta)) joinDelta(whole['message'] as Fields, delta);
    if (isFields(logprobs)) whole['logprobs'] = joinedLists(whole['logprobs'], logprobs);
    for (const [name, value] of Object.entries(rest)) {
      if (value !== null || whole[name] === undefined) whole[name] = value;
    }
  }
}

function joinDelta(message: Fields, { tool_calls: calls, role, ...rest }: Fields): void {
  if (typeof role === 'string') message['role'] = role;
  if (Array.isArray(calls)) {
    const whole = (message['tool_calls'] ??= []) as Fields[];
    for (const call of calls as unknown[]) if (isFields(call)) joinToolCall(whole, call);
  }
  for (const [name, value] of Object.entries(rest)) message[name] = joinedValue(message[name], value);
}

/** The first fragment of a call has its id and name; its arguments come in pieces. */
function joinToolCall(whole: Fields[], { index, function: called, ...rest }: Fields): void {
  const place = typeof index === 'number' && index >= 0 && index < 1024 ? index : whole.length;
  while (whole.length <= place) whole.push({});
  const call = whole[place] as Fields;
  for (const [name, value] of Object.entries(rest)) call[name] ??= value;
  if (!isFields(called)) return;
  const joined = (call['function'] ??= { arguments: '' }) as Fields;
  if (typeof called['name'] === 'string') joined['name'] ??= called['name'];
  if (typeof called['arguments'] === 'string') {
    joined['arguments'] = textBefore(joined['arguments']) + called['arguments'];
  }
}

const textBefore = (told: unknown): string => (typeof told === 'string' ? told : '');

function joinedValue(told: unknown, piece: unknown): unknown {
  if (typeof piece === 'string' && typeof told === 'string') return told + piece;
  if (Array.isArray(piece) && Array.isArray(told)) return [...(told as unknown[]), ...(piece as unknown[])];
  return piece === null || piece === undefined ? (told ?? null) : piece;
}

/** Chat: `content` and `refusal`; text: four lists of one length. */
function joinedLists(told: unknown, piece: Fields): Fields {
  const whole = isFields(told) ? told : {};
  for (const [name, value] of Object.entries(piece)) {
    if (Array.isArray(value) && Array.isArray(whole[name]))
      (whole[name] as unknown[]).push(...(value as unknown[]));
    else whole[name] = value ?? whole[name] ?? null;
  }
  return whole;
}

/** With tool calls and no text, `content` is null in a plain answer and an empty piece in a stream. */
function settleMessage(message: Fields): void {
  if (message['content'] === undefined) message['content'] = null;
  if (message['content'] === '' && message['tool_calls'] !== undefined) message['content'] = null;
  if (message['content'] === null && message['tool_calls'] === undefined) message['content'] = '';
}
