import type { WorldClock, WorldTimer } from '../clock.ts';
import { json, type WorldResponse } from '../exchange.ts';
import { BodyReader, detail, unprocessable } from '../fastapi-answer.ts';

interface Download {
  readonly gb: number;
  doneGb: number;
  /** World time since which it runs; undefined = it does not. */
  since: number | undefined;
  timer: WorldTimer | undefined;
  error: string | null;
}

export interface ModelCacheOptions {
  readonly clock: WorldClock;
  /** Mb/s from the Internet. */
  readonly inetDownMbps: number;
  readonly gbOf: (model: string) => number;
  /** The next download fails. */
  readonly takeFailure: () => boolean;
}

const concurrentMax = 3;
/** GB of the container's disk. */
const diskGb = 2_000;
const gbPerMsAtMbps = 1 / 8_000_000;

/** Weights on the machine's disk: `/api/v1/models/*` since v0.2.4 (docs/reference/protocol.md "Models"). */
export class ModelCache {
  readonly #options: ModelCacheOptions;
  readonly #downloads = new Map<string, Download>();
  constructor(options: ModelCacheOptions) {
    this.#options = options;
  }

  /** GB that came over the wire until now. */
  get downloadedGb(): number {
    return [...this.#downloads.values()].reduce((sum, download) => sum + this.#doneGb(download), 0);
  }

  /** World milliseconds until the weights are there, when they are fetched from now on. */
  msUntilThere(model: string): number {
    const download = this.#downloads.get(model);
    const missingGb = this.#options.gbOf(model) - (download ? this.#doneGb(download) : 0);
    return Math.max(0, missingGb) / (this.#options.inetDownMbps * gbPerMsAtMbps);
  }

  /** Fetches what is missing: in how many world milliseconds that ends, and how. */
  fetch(model: string): { readonly ms: number; readonly isFailing: boolean } {
    const { clock, gbOf } = this.#options;
    const download: Download = this.#downloads.get(model) ?? {
      gb: gbOf(model),
      doneGb: 0,
      since: undefined,
      timer: undefined,
      error: null,
    };
    this.#downloads.set(model, download);
    if (download.since !== undefined || download.doneGb >= download.gb)
      return { ms: this.msUntilThere(model), isFailing: false };
    download.error = null;
    download.since = clock.now();
    const isFailing = this.#options.takeFailure();
    const ms = this.msUntilThere(model) * (isFailing ? 0.5 : 1);
    download.timer = clock.setTimeout(() => this.#end(download, isFailing), ms);
    return { ms, isFailing };
  }

  /** Whoever fetched it is gone; what is there stays. */
  pause(model: string): void {
    const download = this.#downloads.get(model);
    if (download?.since === undefined) return;
    this.#options.clock.clearTimeout(download.timer);
    download.doneGb = this.#doneGb(download);
    download.since = undefined;
  }

  close(): void {
    for (const model of this.#downloads.keys()) this.pause(model);
  }

  status(body: unknown): WorldResponse {
    const model = modelOf(body);
    if ('errors' in model) return unprocessable(model.errors);
    const download = this.#downloads.get(model.hf_repo);
    const since = download?.since;
    const progress =
      since === undefined
        ? null
        : { start_time: since / 1_000, elapsed_seconds: (this.#options.clock.now() - since) / 1_000 };
    return json(200, {
      model,
      status: this.#statusOf(download),
      progress,
      error_message: download?.error ?? null,
    });
  }

  download(body: unknown): WorldResponse {
    const model = modelOf(body);
    if ('errors' in model) return unprocessable(model.errors);
    const running = [...this.#downloads].filter(([, { since }]) => since !== undefined);
    if (running.some(([id]) => id === model.hf_repo))
      return detail(409, `Model ${model.hf_repo} is already downloading`);
    if (running.length >= concurrentMax) return detail(429, 'Too many concurrent downloads');
    this.fetch(model.hf_repo);
    const status = this.#statusOf(this.#downloads.get(model.hf_repo));
    return json(202, { task_id: `${model.hf_repo}:${model.hf_commit ?? 'latest'}`, status, model });
  }

  remove(body: unknown): WorldResponse {
    const model = modelOf(body);
    if ('errors' in model) return unprocessable(model.errors);
    const download = this.#downloads.get(model.hf_repo);
    if (download === undefined) return detail(404, `Model ${model.hf_repo} not found`);
    const status = download.since === undefined ? 'deleted' : 'cancelled';
    this.pause(model.hf_repo);
    this.#downloads.delete(model.hf_repo);
    return json(200, { status, model });
  }

  list(): WorldResponse {
    const models = [...this.#downloads].map(([id, download]) => ({
      model: { hf_repo: id, hf_commit: null },
      status: this.#statusOf(download),
    }));
    return json(200, { models });
  }

  space(): WorldResponse {
    const cacheGb = this.downloadedGb;
    return json(200, {
      cache_size_gb: cacheGb,
      available_gb: Math.max(0, diskGb - cacheGb),
      cache_path: '/root/.cache/hub',
    });
  }

  #statusOf(download: Download | undefined): string {
    if (download === undefined) return 'NOT_FOUND';
    if (download.since !== undefined) return 'DOWNLOADING';
    return download.doneGb >= download.gb ? 'DOWNLOADED' : 'PARTIAL';
  }

  #doneGb({ gb, doneGb, since }: Download): number {
    if (since === undefined) return doneGb;
    const { clock, inetDownMbps } = this.#options;
    return Math.min(gb, doneGb + (clock.now() - since) * inetDownMbps * gbPerMsAtMbps);
  }

  #end(download: Download, isFailing: boolean): void {
    download.doneGb = isFailing ? this.#doneGb(download) : download.gb;
    download.error = isFailing ? 'Connection broken: IncompleteRead' : null;
    download.since = undefined;
  }
}

function modelOf(body: unknown) {
  const reader = new BodyReader(body);
  const hf_repo = reader.string('hf_repo');
  if (reader.errors.length > 0) return { errors: reader.errors };
  const commit = (body as { hf_commit?: unknown }).hf_commit;
  return { hf_repo, hf_commit: typeof commit === 'string' ? commit : null };
}
