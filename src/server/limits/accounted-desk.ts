import type { Caller } from '../access/gatekeeper.ts';
import { type InferenceDesk, networkNodeCaller } from '../inference/desk.ts';
import type { InferenceLimits } from './inference-limits.ts';

/**
 * The desk as one gateway uses it: who asks is whom the gate let in, and every usage counts against its caller's
 * day as well.
 */
export function accountedDesk(desk: InferenceDesk, limits: InferenceLimits): InferenceDesk {
  return {
    ...desk,
    callerOf: (request) => {
      const { caller } = request as { readonly caller?: Caller | null };
      if (caller?.name == null) return desk.callerOf?.(request) ?? networkNodeCaller;
      return { kind: caller.isManager ? 'networkNode' : 'direct', id: caller.name };
    },
    account: (usage) => {
      const { caller, promptTokens, completionTokens, seen } = usage;
      limits.spend(
        caller,
        (promptTokens ?? seen?.promptTokens ?? 0) + (completionTokens ?? seen?.completionTokens ?? 0),
      );
      desk.account(usage);
    },
  };
}
