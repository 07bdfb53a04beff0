import { healthRules, inferencePortRules } from './health-rules.ts';
import { inferenceEndRules, inferenceStartRules, inferenceStatusRules } from './inference-rules.ts';
import { inventoryRules, modelRemovalRules } from './inventory-rules.ts';
import { pocV2CallbackRules } from './poc-v2-callback-rules.ts';
import { pocV2GenerationRules, pocV2StopRules } from './poc-v2-generation-rules.ts';
import { pocV2RefusalRules, pocV2StatusRules } from './poc-v2-status-rules.ts';
import { pocV2ValidationRules } from './poc-v2-validation-rules.ts';
import { powCallbackRules } from './pow-callback-rules.ts';
import { powGenerationRules } from './pow-generation-rules.ts';
import { powConflictRules, powRefusalRules, powStatusRules } from './pow-status-rules.ts';
import { powEndRules, powValidationRules } from './pow-validation-rules.ts';
import type { Chapter } from './rule.ts';
import { stateRules, stopRules } from './state-rules.ts';
import { transportRules } from './transport-rules.ts';

/** Looking only: in any state, at any time. */
export const lookingChapters: readonly Chapter[] = [
  stateRules,
  transportRules,
  healthRules,
  inferencePortRules,
  inventoryRules,
  inferenceStatusRules,
  powStatusRules,
  pocV2StatusRules,
];

/** From any state to STOPPED, with a PoC v1 in between. */
const stoppedChapters: readonly Chapter[] = [
  stopRules,
  modelRemovalRules,
  powRefusalRules,
  powGenerationRules,
  powCallbackRules,
  powValidationRules,
  powEndRules,
];

/** From STOPPED to INFERENCE. */
export const startChapters: readonly Chapter[] = [inferenceStartRules];

/** From INFERENCE to STOPPED, with a PoC v2 in between. */
export const servingChapters: readonly Chapter[] = [
  powConflictRules,
  pocV2RefusalRules,
  pocV2GenerationRules,
  pocV2CallbackRules,
  pocV2StopRules,
  pocV2ValidationRules,
  inferenceEndRules,
];

/** All of them; each rule is in exactly one. */
export const chapters: readonly Chapter[] = [
  ...lookingChapters,
  ...stoppedChapters,
  ...startChapters,
  ...servingChapters,
];

/** The chapters that change the node, in an order that loads a model once and ends where it began. */
export const storyFrom = (isServing: boolean): readonly (readonly Chapter[])[] =>
  isServing
    ? [servingChapters, stoppedChapters, startChapters]
    : [stoppedChapters, startChapters, servingChapters];
