import type { Upstream } from '../../adapters/upstream/interface.ts';

/** What one answered request cost, as the back end counted it. */
export interface InferenceUsage {
  readonly upstream: string;
  /** The governance model id that the caller asked for. */
  readonly model: string;
  readonly isStream: boolean;
  /** Null when the back end stated no usage: counted as unknown, never as free. */
  readonly promptTokens: number | null;
  readonly completionTokens: number | null;
  /** False when the answer broke off or the caller left: tokens may have been billed all the same. */
  readonly isComplete: boolean;
}

/** What stands behind the inference port. Implemented by `wiring/`. */
export interface InferenceDesk {
  /** Governance model id that this node serves; it stands in every answer, whatever the back end calls it. */
  readonly model: string;
  readonly upstream: Upstream;
  /**
   * A caller's raw body as the back end takes it (`src/adapters/upstream/request-mapping.ts`), with `stream` as the
   * caller has it. Throws a terminal `HybridError` for a body that it cannot map.
   */
  mapRequest(raw: string): { readonly body: string };
  /** Called once for each request that reached the back end's answer. Must not block: batch what you store. */
  account(usage: InferenceUsage): void;
}
