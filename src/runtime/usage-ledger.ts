import type { MicroUsd } from '../units.ts';

/** Inference of one caller at one back end and model in one day. */
export interface UsageRow {
  /** UTC day, counted from 1970-01-01. */
  readonly day: number;
  readonly caller: string;
  readonly backEnd: string;
  /** The back end's id, the one that has a price. */
  readonly model: string;
  /** Answers that the back end began. */
  readonly requests: number;
  /** Of these, the ones that broke off or whose caller left. */
  readonly failed: number;
  /** As the back end stated them. */
  readonly promptTokens: number;
  readonly completionTokens: number;
  /** Of the requests whose cost is known. */
  readonly cost: MicroUsd;
  /** Requests whose tokens or price are unknown; they are in neither `cost` nor, as far as unknown, the tokens. */
  readonly unknownCost: number;
  /** What caps count for those: tokens seen passing that nobody stated, and money at assumed prices. */
  readonly assumedTokens: number;
  readonly assumedCost: MicroUsd;
}

/** The durable books of inference. Every method throws STORE_BROKEN when the store fails. */
export interface UsageLedger {
  /** Adds to what is there, all in one transaction or nothing. */
  add(rows: readonly UsageRow[]): void;
  ofDay(day: number): readonly UsageRow[];
}
