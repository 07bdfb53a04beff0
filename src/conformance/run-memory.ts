import type { GeneratedBatch } from './callback-shapes.ts';
import { NotApplicable } from './rule.ts';
import type { PowInit } from './pow-v1-bodies.ts';
import type { Artifacts, PocV2Init } from './poc-v2-bodies.ts';

/** What one run brought about on the node, for the rules that build on it. */
export interface RunMemory {
  /** What runs by the last acknowledged call of this run; null before the first one. */
  service: 'INFERENCE' | 'POW' | 'STOPPED' | null;
  /** The model that this run uses. */
  model: string | null;
  /** Acknowledged, and not stopped since. */
  powInit: PowInit | null;
  isPowModelLoaded: boolean;
  /** An init of PoC v1 was acknowledged in this run. */
  hasTakenPow: boolean;
  /** A batch that the node generated itself. */
  ownBatch: GeneratedBatch | null;
  /** Nothing was found wrong with it. */
  isOwnBatchSound: boolean;
  /** A batch that the node was given to validate. */
  postedBatch: GeneratedBatch | null;
  pocV2Init: PocV2Init | null;
  ownArtifacts: Artifacts | null;
  /** Of a queued `generate` of PoC v2. */
  requestId: string | null;
  /** A `generate` of PoC v2 with artifacts to compare was queued. */
  isComparing: boolean;
}

export const newRunMemory = (): RunMemory => ({
  service: null,
  model: null,
  powInit: null,
  isPowModelLoaded: false,
  hasTakenPow: false,
  ownBatch: null,
  isOwnBatchSound: true,
  postedBatch: null,
  pocV2Init: null,
  ownArtifacts: null,
  requestId: null,
  isComparing: false,
});

/** Throws NotApplicable with the reason when an earlier step did not bring it about. */
export function needed<T>(thing: T | null | undefined, reason: string): T {
  if (thing === null || thing === undefined) throw new NotApplicable(reason);
  return thing;
}

export function neededService(memory: RunMemory, service: RunMemory['service']): void {
  if (memory.service !== service) throw new NotApplicable(`the node was not brought to ${service}`);
}
