import type { Answer } from './answer.ts';
import type { Candidate, InferenceCaller, InferenceUsage } from './desk.ts';
import type { InferenceRequest } from './inference-request.ts';
import { seenUsage } from './usage-estimate.ts';

export interface AnsweredCall {
  readonly request: InferenceRequest;
  readonly caller: InferenceCaller;
  readonly candidate: Candidate;
  readonly answer: Answer;
  /** The id that the caller asked for. */
  readonly model: string;
  readonly isComplete: boolean;
}

/** What one answer goes into the books as. */
export function usageOfAnswer({
  request,
  caller,
  candidate,
  answer,
  model,
  isComplete,
}: AnsweredCall): InferenceUsage {
  const { tokens, seenTokens } = answer;
  const isStated = tokens.promptTokens !== null && tokens.completionTokens !== null;
  return {
    upstream: candidate.backEnd.name,
    model,
    upstreamModel: candidate.model,
    caller: caller.id,
    isStream: request.isStream,
    promptTokens: tokens.promptTokens,
    completionTokens: tokens.completionTokens,
    ...(isStated ? {} : { seen: seenUsage(request, seenTokens) }),
    isComplete,
  };
}
