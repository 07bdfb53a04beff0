import type { ErrorCode } from '../errors.ts';

/** Exit codes of every command. `docs/operating.md` lists them. */
export const exitCodes = {
  /** Done. */
  ok: 0,
  /** The operation failed; the last line on stderr says why. */
  failed: 1,
  /** Wrong arguments or settings; nothing was started. */
  usage: 2,
  /** Another daemon runs on the same STATE_DIR. */
  storeLocked: 3,
  /** The stop ran out of time while machines were still listed; they are named. */
  stopIncomplete: 4,
} as const;

const byErrorCode: Partial<Record<ErrorCode, number>> = {
  CONFIG_INVALID: exitCodes.usage,
  CONFIG_UNREADABLE: exitCodes.usage,
  STORE_LOCKED: exitCodes.storeLocked,
  STOP_INCOMPLETE: exitCodes.stopIncomplete,
};

export const exitCodeOf = (code: ErrorCode): number => byErrorCode[code] ?? exitCodes.failed;
