import type { ErrorCode } from '../errors.ts';

/** Exit codes of every command; `docs/reference/exit-codes.md` is printed from them. */
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
  /** A person said no at a prompt, or pressed Ctrl-C at one. */
  cancelled: 130,
} as const;

/** Each code in a sentence, for the page and for `--help`. */
export const exitCodeMeanings: Readonly<Record<keyof typeof exitCodes, string>> = {
  ok: 'Done. Also: warnings at most.',
  failed:
    'The operation failed, or what was checked is not as it should be; the last line on stderr says why.',
  usage: 'Wrong arguments or settings, or a confirmation that was not given; nothing was started.',
  storeLocked: 'Another daemon runs on the same STATE_DIR.',
  stopIncomplete: 'A machine is not proven gone; it is named. Look at it yourself: it may still cost money.',
  cancelled: 'Cancelled by Ctrl-C; whatever had been rented was returned first.',
};

const byErrorCode: Partial<Record<ErrorCode, number>> = {
  CONFIG_INVALID: exitCodes.usage,
  CONFIG_UNREADABLE: exitCodes.usage,
  STORE_LOCKED: exitCodes.storeLocked,
  STOP_INCOMPLETE: exitCodes.stopIncomplete,
};

export const exitCodeOf = (code: ErrorCode): number => byErrorCode[code] ?? exitCodes.failed;
