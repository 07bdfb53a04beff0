import { HybridError } from '../../errors.ts';
import { readInstance } from './instance-reading.ts';
import type { Instance } from './interface.ts';
import { demandOk, isKeyRefusal } from './refusal-reading.ts';
import type { VastAnswer } from './vast-line.ts';

/**
 * The instance that was asked for by its id; null when the answer says that there is none: `instances` null, or
 * 404 with `no_such_instance` (any server may say "not found"). One row stands under the plural key, alone or in an array. Throws VAST_KEY_REFUSED,
 * VAST_UNREACHABLE, VAST_BAD_ANSWER for whatever says neither. Source: docs/reference/vast.md "Show and list".
 */
export function shownInstance(answer: VastAnswer): Instance | null {
  if (answer.status === 404 && !isKeyRefusal(answer) && answer.text.includes('no_such_instance')) return null;
  demandOk(answer);
  const shown = (answer.value as { instances?: unknown } | null)?.instances;
  if (shown === null) return null;
  const instance = readInstance(Array.isArray(shown) ? shown[0] : shown);
  if (instance === undefined)
    throw new HybridError({
      code: 'VAST_BAD_ANSWER',
      message: `${answer.summary}: no instance, and no null`,
    });
  return instance;
}
