import { json, type WorldResponse } from '../exchange.ts';
import { refusal } from './answers.ts';
import type { Rental } from './rental.ts';

/** Charges per instance, as the meter says. Source: docs/reference/vast.md "Billing". */
export function chargesPage(
  rentals: readonly Rental[],
  query: URLSearchParams,
  nowMs: number,
): WorldResponse {
  const day = dayOf(query.get('select_filters'));
  if (day === undefined)
    return refusal(400, 'invalid_args', "Must provide both 'day' gte and lte filters for instance charges");
  const limit = Math.min(500, Number(query.get('limit') ?? 100));
  const first = Number(query.get('after_token') ?? 0);
  const counted = rentals.filter(
    ({ createdAt, destroyedAt }) => createdAt / 1_000 <= day.lte && (destroyedAt ?? nowMs) / 1_000 >= day.gte,
  );
  const results = counted.slice(first, first + limit).map((rental) => chargeOf(rental, nowMs));
  const isLast = first + limit >= counted.length;
  return json(200, {
    success: true,
    count: results.length,
    total: counted.length,
    next_token: isLast ? null : String(first + limit),
    results,
  });
}

function chargeOf(rental: Rental, nowMs: number): object {
  const { gpuUsd, diskUsd, trafficUsd, costUsd } = rental.meter.read(nowMs);
  const span = {
    start: Math.floor(rental.createdAt / 1_000),
    end: Math.ceil((rental.destroyedAt ?? nowMs) / 1_000),
  };
  const item = (type: string, amount: number): object => ({
    ...span,
    type,
    source: null,
    amount: mills(amount),
  });
  return {
    ...span,
    type: 'instance',
    source: `instance-${rental.instanceId}`,
    description: `Instance ${rental.instanceId} Charges`,
    amount: mills(costUsd),
    metadata: { label: rental.label },
    items: [item('gpu', gpuUsd), item('disk', diskUsd), item('bwd', trafficUsd)],
  };
}

/** Rounded to three decimals. */
const mills = (usd: number): number => Math.round(usd * 1_000) / 1_000;

function dayOf(text: string | null): { readonly gte: number; readonly lte: number } | undefined {
  try {
    const { day } = JSON.parse(text ?? '') as { day?: { gte?: unknown; lte?: unknown } };
    return typeof day?.gte === 'number' && typeof day.lte === 'number'
      ? { gte: day.gte, lte: day.lte }
      : undefined;
  } catch {
    return undefined;
  }
}
