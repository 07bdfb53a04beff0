import { createHttpVast, type Offer, type OfferNeeds } from '../adapters/vast/index.ts';
import { createOfetchTransport } from '../adapters/ofetch-transport.ts';
import type { Config } from '../config/config.ts';
import { bootModel } from '../policy/boot-model.ts';
import type { WorkNeeds } from '../policy/model-needs.ts';
import { widenedNeeds, wideningBegins, wideningMax, wideningSentence } from '../policy/needs-widening.ts';
import { rankOffers, type RankedRow } from '../policy/offer-ranking.ts';
import type { Clock } from '../runtime/clock.ts';
import { megabytes, microUsd, microUsdPerHour } from '../units.ts';
import { machineNeeds, workOf } from '../wiring/renting/machine-needs.ts';
import { numberOption, parseArguments, UsageError } from './arguments.ts';
import { askedAgain } from './asked-again.ts';
import type { Command } from './command.ts';
import { exitCodes } from './exit-codes.ts';
import { operatorSettings } from './operator-settings.ts';
import { createPaint } from './paint.ts';
import { table } from './table.ts';
import { whileWanted } from './stop-request.ts';

const help = `
Usage: hybrid-mlnode offers [options]

Offers of the market in the order in which the daemon would take them for one PoC, by the expected cost of the whole
rental per expected valid nonce, and what speaks against the others. Asks the provider itself: no daemon has to run, so
boot times and nonce rates are the documented ones, not this host's own, and the needs are those of PoC v1 unless
POC_VERSION is v2.

Options:
  --gpu-type <names>   as VASTAI_GPU_TYPE, comma separated, underscores for spaces
  --num-gpus <n>       as VASTAI_NUM_GPUS
  --max-price <usd>    as VASTAI_MAX_PRICE, dollars an hour
  --min-vram <gb>      as VASTAI_MIN_VRAM, of one GPU
  --hours <h>          length of the rental (default 0.5: a sprint of PoC v1)
  --limit <n>          rows at most (default 20)
  --json               one JSON object: {"needs":...,"offers":[...]}

Examples:
  hybrid-mlnode offers
  hybrid-mlnode offers --gpu-type RTX_4090,L40S --max-price 0.8 --json

Exit codes: 0 listed, 1 the provider did not answer, 2 wrong arguments or settings.
`;

export const command: Command = {
  name: 'offers',
  summary: 'Show the market as the daemon ranks it, and why it rejects what it rejects.',
  help: help.trimStart(),
  run: async (args, io) => {
    const { values } = parseArguments(args, {
      'gpu-type': { type: 'string' },
      'num-gpus': { type: 'string' },
      'max-price': { type: 'string' },
      'min-vram': { type: 'string' },
      hours: { type: 'string', default: '0.5' },
      limit: { type: 'string', default: '20' },
      json: { type: 'boolean', default: false },
    });
    const { config, clock } = operatorSettings(io);
    const hours = numberOption('hours', values.hours, 0.05, 24 * 30);
    const work = workOf(config, config.machineModel.pocVersion ?? 'v1');
    const needs = needsOf(config, work, hours, {
      gpuNames: values['gpu-type'],
      gpuCount: option('num-gpus', values['num-gpus'], 64),
      maxUsd: option('max-price', values['max-price'], 1_000),
      minVramGb: option('min-vram', values['min-vram'], 1_000),
    });
    const { apiKey, baseUrl } = config.vast;
    const vast = createHttpVast({ baseUrl, apiKey, clock, transport: createOfetchTransport() });
    const offers = await whileWanted(io, (signal) =>
      askedAgain(() => vast.search(widened(needs), signal), clock, signal),
    );
    const rows = judged(config, clock, { needs, work, hours }, offers).slice(
      0,
      numberOption('limit', values.limit, 1, 64),
    );
    if (values.json) {
      io.stdout.write(`${JSON.stringify({ needs, widening: wideningOf(needs), offers: rows })}\n`);
      return exitCodes.ok;
    }
    const paint = createPaint(io.stdout, io.env);
    io.stdout.write(
      rows.length === 0
        ? 'no offer meets the needs, or nearly; see --json for them\n'
        : table(head, rows.map(cells), paint),
    );
    return exitCodes.ok;
  },
};

/** What will do as the deadline nears, while nothing else can be taken. */
const wideningOf = (needs: OfferNeeds): readonly { readonly leadLeft: number; readonly willDo: string }[] =>
  Array.from({ length: wideningMax }, (_, index) => index + 1).flatMap((level) => {
    const willDo = wideningSentence(needs, level);
    return willDo === null ? [] : [{ leadLeft: wideningBegins(level), willDo }];
  });

const option = (name: string, text: string | undefined, high: number): number | undefined =>
  text === undefined ? undefined : numberOption(name, text, 0, high);

/** What was asked for here goes before the settings. */
interface Wishes {
  readonly gpuNames: string | undefined;
  readonly gpuCount: number | undefined;
  readonly maxUsd: number | undefined;
  readonly minVramGb: number | undefined;
}

function needsOf(config: Config, work: WorkNeeds, hours: number, wishes: Wishes): OfferNeeds {
  if (config.vast.apiKey.reveal() === '') throw new UsageError('VASTAI_API_KEY is not set');
  const { gpuNames: setNames, ...needs } = machineNeeds(config, work);
  const gpuNames = wishes.gpuNames?.split(',').map((name) => name.trim().replaceAll('_', ' ')) ?? setNames;
  return {
    ...needs,
    ...(gpuNames === undefined || gpuNames.includes('ANY') ? {} : { gpuNames }),
    ...(wishes.gpuCount === undefined ? {} : { gpuCount: wishes.gpuCount }),
    ...(wishes.minVramGb === undefined ? {} : { gpuRamMbMin: megabytes(1_000 * wishes.minVramGb) }),
    ...(wishes.maxUsd === undefined ? {} : { priceMax: microUsdPerHour(Math.round(wishes.maxUsd * 1e6)) }),
    durationSecondsMin: Math.ceil(hours * 3_600) + 86_400,
  };
}

/** What nearly fits is shown too, with the reason why it is not taken. */
const widened = (needs: OfferNeeds): OfferNeeds => ({
  ...needs,
  cudaMin: 0,
  gpuRamMbMin: megabytes(needs.gpuRamMbMin / 2),
  priceMax: microUsdPerHour(Math.round(needs.priceMax * 1.5)),
  reliabilityMin: Math.min(needs.reliabilityMin, 0.8),
  inetDownMbpsMin: needs.inetDownMbpsMin / 4,
  durationSecondsMin: 3_600,
});

function judged(
  { vast, rental }: Config,
  clock: Clock,
  { needs, work, hours }: { readonly needs: OfferNeeds; readonly work: WorkNeeds; readonly hours: number },
  offers: readonly Offer[],
): readonly RankedRow<Offer>[] {
  const { imageGb, weightsGb, downloadGb } = work;
  const ranked = rankOffers(offers, {
    rentalMs: hours * 3_600_000,
    tailMs: 15 * 60_000,
    downloadGb,
    usefulness: { readyByMs: null, graceMs: 0, generationMs: 1 },
    boot: bootModel({ image: vast.image, imageGb, modelGb: weightsGb }, [], clock.now()),
    nonces: [],
    trust: new Map(),
    excludedMachineIds: [],
    failureUsd: 0.05,
    pocUsd: rental.pocUsd,
    reservationMax: microUsd(rental.maxDailySpend),
  }).map((row) => ({ ...row, rejection: refusal(row.offer, needs) ?? row.rejection }));
  return ranked.toSorted((a, b) => Number(a.rejection !== null) - Number(b.rejection !== null));
}

/** What speaks against an offer, and whether it will do when the deadline is near and there is no other. */
function refusal(offer: Offer, needs: OfferNeeds): string | null {
  const reasons = unmet(offer, needs);
  if (reasons === null) return null;
  const level = Array.from({ length: wideningMax }, (_, index) => index + 1).find(
    (each) => unmet(offer, widenedNeeds(needs, each)) === null,
  );
  if (level === undefined) return reasons;
  return `${reasons}; will do with ${Math.round(100 * wideningBegins(level))}% of the lead left, if there is no other`;
}

function unmet(offer: Offer, needs: OfferNeeds): string | null {
  const reasons = [
    offer.price > needs.priceMax ? `dearer than $${(needs.priceMax / 1e6).toFixed(2)}/h` : '',
    offer.gpuRamMb < needs.gpuRamMbMin ? `a GPU has less than ${needs.gpuRamMbMin / 1_000} GB` : '',
    offer.cudaMax < (needs.cudaMin ?? 0)
      ? `its driver ends at CUDA ${offer.cudaMax}, the image needs ${needs.cudaMin}`
      : '',
    offer.gpuTotalRamMb < needs.gpuTotalRamMbMin
      ? `less than ${needs.gpuTotalRamMbMin / 1_000} GB in all`
      : '',
    offer.reliability < needs.reliabilityMin ? `reliability below ${needs.reliabilityMin}` : '',
    offer.inetDownMbps < needs.inetDownMbpsMin ? `line below ${needs.inetDownMbpsMin} Mbit/s` : '',
  ].filter((reason) => reason !== '');
  return reasons.length === 0 ? null : reasons.join(', ');
}

const head = [
  'OFFER',
  'MACHINE',
  'GPUS',
  '$/H',
  'MBIT/S',
  'RELIABLE',
  'IN TIME',
  'EXPECTED $',
  'NONCES/H',
  'SCORE',
  '',
];

const cells = (row: RankedRow<Offer>): string[] => [
  String(row.offer.offerId),
  String(row.offer.machineId),
  `${row.offer.gpuCount}x ${row.offer.gpuName}`,
  (row.offer.price / 1e6).toFixed(3),
  String(Math.round(row.offer.inetDownMbps)),
  row.offer.reliability.toFixed(3),
  `${Math.round(100 * row.usefulShare)}%`,
  row.expectedUsd.toFixed(3),
  String(Math.round(row.noncesPerHour)),
  row.rejection === null ? row.score.toFixed(3) : '-',
  row.rejection ?? '',
];
