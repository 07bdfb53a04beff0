import { HybridError } from '../../errors.ts';
import { megabytes, microUsdPerHourOfDollars } from '../../units.ts';
import type { Offer, OfferNeeds } from './interface.ts';
import type { VastAnswer } from './vast-line.ts';
import { idOf, numberOf, rowOf, textOf } from './wire-number.ts';

/** The server never gives more rows than this. */
const rowsMax = 64;

/**
 * The body of a search, in API units: MB, seconds, spaces in `gpu_name`, and the disk that will be asked for, so that
 * `dph_total` is the price that will be paid. Source: docs/reference/vast.md "Offer search".
 */
export function searchBody(needs: OfferNeeds): Record<string, unknown> {
  return {
    verified: { eq: true },
    external: { eq: false },
    rentable: { eq: true },
    rented: { eq: false },
    ...(needs.gpuNames === undefined ? {} : { gpu_name: { in: needs.gpuNames } }),
    ...(needs.gpuCount === undefined ? {} : { num_gpus: { eq: needs.gpuCount } }),
    gpu_ram: { gte: needs.gpuRamMbMin },
    gpu_total_ram: { gte: needs.gpuTotalRamMbMin },
    ...(needs.cudaMin === undefined ? {} : { cuda_max_good: { gte: needs.cudaMin } }),
    reliability2: { gte: needs.reliabilityMin },
    inet_down: { gte: needs.inetDownMbpsMin },
    disk_space: { gte: needs.diskGb },
    duration: { gte: needs.durationSecondsMin },
    dph_total: { lte: needs.priceMax / 1e6 },
    order: [['dph_total', 'asc']],
    type: 'on-demand',
    allocated_storage: needs.diskGb,
    limit: rowsMax,
  };
}

const fieldsOf = (row: Readonly<Record<string, unknown>>) => ({
  id: idOf(row['id']),
  ask_contract_id: idOf(row['ask_contract_id']),
  machine_id: idOf(row['machine_id']),
  host_id: idOf(row['host_id']),
  gpu_name: textOf(row['gpu_name']),
  gpu_arch: textOf(row['gpu_arch']),
  cpu_arch: textOf(row['cpu_arch']),
  num_gpus: numberOf(row['num_gpus']),
  gpu_ram: numberOf(row['gpu_ram']),
  gpu_total_ram: numberOf(row['gpu_total_ram']),
  dph_total: numberOf(row['dph_total']),
  dph_base: numberOf(row['dph_base']),
  disk_space: numberOf(row['disk_space']),
  duration: numberOf(row['duration']),
  inet_down: numberOf(row['inet_down']),
  inet_down_cost: numberOf(row['inet_down_cost']),
  inet_up_cost: numberOf(row['inet_up_cost']),
  reliability2: numberOf(row['reliability2']),
  reliability: numberOf(row['reliability']),
  cuda_max_good: numberOf(row['cuda_max_good']),
  geolocation: textOf(row['geolocation']),
  rentable: row['rentable'],
  rented: row['rented'],
  is_bid: row['is_bid'],
});
type OfferFields = ReturnType<typeof fieldsOf>;

/**
 * The offers of an answer that meet every need, cheapest first. The server does not always honour its own numeric
 * filters, so all of them are checked here again. Throws VAST_BAD_ANSWER when there are rows and none is an offer: that
 * is no empty market.
 */
export function offersOf(answer: VastAnswer, needs: OfferNeeds): Offer[] {
  const rows = offerRows(answer.value);
  if (rows === undefined)
    throw new HybridError({ code: 'VAST_BAD_ANSWER', message: `${answer.summary}: no offers` });
  const read = rows.map(readOffer).filter((offer) => offer !== undefined);
  if (rows.length > 0 && read.length === 0) {
    throw new HybridError({ code: 'VAST_BAD_ANSWER', message: `${answer.summary}: unreadable offers` });
  }
  return read
    .filter(({ offer, fields }) => meets(offer, fields, needs))
    .map(({ offer }) => offer)
    .toSorted((a, b) => a.price - b.price || a.offerId - b.offerId);
}

/** `offers` may be a list, a single object, or a list of rows that are wrapped once more. */
function offerRows(value: unknown): unknown[] | undefined {
  const offers = Array.isArray(value) ? (value as unknown[]) : inner(value);
  if (offers === undefined || offers === null) return undefined;
  const rows: unknown[] = Array.isArray(offers) ? offers : [offers];
  return rows.map((row) => inner(row) ?? row);
}

function inner(value: unknown): unknown {
  return typeof value === 'object' && value !== null ? (value as { offers?: unknown }).offers : undefined;
}

function readOffer(row: unknown): { offer: Offer; fields: OfferFields } | undefined {
  const read = rowOf(row);
  if (read === undefined) return undefined;
  const fields = fieldsOf(read);
  const offerId = fields.ask_contract_id ?? fields.id;
  const { machine_id: machineId, dph_total: totalUsd, gpu_ram: ramMb, num_gpus: gpuCount } = fields;
  if (offerId === null || machineId === null || totalUsd === null || ramMb === null || gpuCount === null)
    return undefined;
  if (totalUsd < 0 || ramMb < 0 || gpuCount < 1) return undefined;
  const gpuUsd = Math.min(totalUsd, Math.max(0, fields.dph_base ?? totalUsd));
  const offer: Offer = {
    offerId,
    machineId,
    hostId: fields.host_id ?? 0,
    gpuName: fields.gpu_name ?? '',
    gpuCount,
    gpuRamMb: megabytes(ramMb),
    gpuTotalRamMb: megabytes(fields.gpu_total_ram ?? ramMb * gpuCount),
    price: microUsdPerHourOfDollars(totalUsd),
    gpuPrice: microUsdPerHourOfDollars(gpuUsd),
    diskPrice: microUsdPerHourOfDollars(totalUsd - gpuUsd),
    inetDownMbps: fields.inet_down ?? 0,
    inetDownUsdPerGb: fields.inet_down_cost ?? 0,
    inetUpUsdPerGb: fields.inet_up_cost ?? 0,
    reliability: fields.reliability2 ?? fields.reliability ?? 0,
    cudaMax: fields.cuda_max_good ?? 0,
    geolocation: fields.geolocation ?? '',
  };
  return { offer, fields };
}

/** What an answer leaves out does not meet a need. */
function meets(offer: Offer, fields: OfferFields, needs: OfferNeeds): boolean {
  return (
    (needs.gpuNames === undefined || needs.gpuNames.includes(offer.gpuName)) &&
    (needs.gpuCount === undefined || offer.gpuCount === needs.gpuCount) &&
    offer.gpuRamMb >= needs.gpuRamMbMin &&
    offer.gpuTotalRamMb >= needs.gpuTotalRamMbMin &&
    (fields.disk_space ?? 0) >= needs.diskGb &&
    offer.price <= needs.priceMax &&
    offer.reliability >= needs.reliabilityMin &&
    offer.inetDownMbps >= needs.inetDownMbpsMin &&
    offer.cudaMax >= (needs.cudaMin ?? 0) &&
    (fields.duration ?? 0) >= needs.durationSecondsMin &&
    (fields.gpu_arch ?? 'nvidia') === 'nvidia' &&
    (fields.cpu_arch ?? 'amd64') === 'amd64' &&
    fields.rentable !== false &&
    fields.rented !== true &&
    fields.is_bid !== true
  );
}
