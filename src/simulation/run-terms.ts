import { z } from 'zod';

/** Who decides: the daemon under one of its rental policies, or the strategy that it replaces. */
export const simulatedPolicies = ['auto', 'sprint', 'epoch', 'predecessor'] as const;
/** Chain flavours by the names of src/world/chain. */
export const simulatedChains = ['v1', 'v1-confirmation', 'v2', 'v2-confirmation'] as const;

/** What makes a run the same run, together with the commit. */
export const termsSchema = z.object({
  seed: z.int(),
  epochs: z.int().positive(),
  chain: z.enum(simulatedChains).default('v1'),
  /** Probability that one rental never becomes usable; null = the documented mishaps. */
  hostFailure: z.number().nullable(),
  /** As on the command line. */
  faults: z.string(),
  policy: z.enum(simulatedPolicies),
  /** `GPU_FLEET_WIDTH`. */
  fleet: z.int().min(1).max(16).default(1),
  /** Probability that the daemon dies at one durable step. */
  crashRate: z.number(),
  store: z.enum(['memory', 'file']),
});

export type RunTerms = z.infer<typeof termsSchema>;
