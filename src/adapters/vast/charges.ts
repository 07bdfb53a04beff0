import { z } from 'zod';
import { HybridError } from '../../errors.ts';
import { type MicroUsd, microUsdOfDollars } from '../../units.ts';
import { demandOk } from './refusal-reading.ts';
import type { VastAnswer } from './vast-line.ts';
import { wireNumber, wireText } from './wire-number.ts';

/** The server gives no more rows than this a page. */
const rowsMax = 500;
/** More than that is no question of one daemon's few machines. */
const pagesMax = 20;

const answer = z.object({
  results: z.array(z.looseObject({ source: wireText, amount: wireNumber })),
  next_token: wireText,
});

/**
 * What Vast.ai charged by instance id, between two instants (docs/reference/vast.md "Billing"). It lags, and rounds to a
 * tenth of a cent. Throws VAST_BAD_ANSWER, and what `page` throws.
 */
export async function readCharges(
  range: { readonly from: number; readonly until: number },
  page: (path: string) => Promise<VastAnswer>,
): Promise<ReadonlyMap<number, MicroUsd>> {
  const day = { gte: Math.floor(range.from / 1_000), lte: Math.ceil(range.until / 1_000) };
  const filters = encodeURIComponent(JSON.stringify({ day, type: { in: ['instance'] } }));
  const charged = new Map<number, MicroUsd>();
  let token: string | null = null;
  for (let pages = 0; pages < pagesMax; pages += 1) {
    const after = token === null ? '' : `&after_token=${encodeURIComponent(token)}`;
    const read = await page(`/api/v0/charges/?select_filters=${filters}&limit=${rowsMax}${after}`);
    demandOk(read);
    const parsed = answer.safeParse(read.value);
    if (!parsed.success)
      throw new HybridError({ code: 'VAST_BAD_ANSWER', message: `${read.summary}: no charges` });
    for (const { source, amount } of parsed.data.results) {
      const instanceId = Number(/^instance-(\d+)$/.exec(source ?? '')?.[1]);
      if (amount === null || !Number.isSafeInteger(instanceId)) continue;
      const before = charged.get(instanceId) ?? 0;
      charged.set(instanceId, microUsdOfDollars((before + Math.round(Math.max(0, amount) * 1e6)) / 1e6));
    }
    token = parsed.data.next_token;
    if (token === null) return charged;
  }
  return charged;
}
