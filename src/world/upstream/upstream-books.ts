import type { ServedModel } from './served-model.ts';
import type { Usage } from './completion-answer.ts';

/** The account of one inference API; holds counts and money, no prompt and no answer. */
export class UpstreamBooks {
  requests = 0;
  streamed = 0;
  plain = 0;
  failed = 0;
  abortedByClient = 0;
  modelLists = 0;
  #tokensIn = 0;
  #tokensOut = 0;
  #costUsd = 0;

  /** Told to its end. */
  told(isStream: boolean, served: ServedModel, usage: Usage): void {
    if (isStream) this.streamed += 1;
    else this.plain += 1;
    this.charge(served, usage.prompt_tokens, usage.completion_tokens);
  }
  /** Tokens are paid for as far as they were made, whoever broke the answer off. */
  charge(served: ServedModel, tokensIn: number, tokensOut: number): void {
    this.#tokensIn += tokensIn;
    this.#tokensOut += tokensOut;
    this.#costUsd += (tokensIn * served.inputUsdPerMillion + tokensOut * served.outputUsdPerMillion) / 1e6;
  }
  toJson(): Record<string, unknown> {
    const { requests, streamed, plain, failed, abortedByClient, modelLists } = this;
    const money = { tokensIn: this.#tokensIn, tokensOut: this.#tokensOut, costUsd: this.#costUsd };
    return { requests, streamed, plain, failed, abortedByClient, modelLists, ...money };
  }
}
