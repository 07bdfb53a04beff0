import { milliseconds, type Milliseconds } from '../units.ts';

/**
 * From the first search to a qualified machine when there is no history: the 90th percentile of the boot model in
 * docs/reference/vast.md "Boot and failure parameters" (31.5 min), rounded up. Measured phases replace it later.
 */
export const leadPriorMs: Milliseconds = milliseconds(35 * 60_000);

/** `POC_PREP_TIME`, where set, is the lead; else the prior. */
export const leadTime = (prepTimeMs: Milliseconds | undefined): Milliseconds => prepTimeMs ?? leadPriorMs;
