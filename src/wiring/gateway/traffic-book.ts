import type { Upstream, UpstreamExchange, UpstreamReceiver } from '../../adapters/upstream/interface.ts';
import { DurationHistogram } from '../../duration-histogram.ts';

/** Of one line of the series, real milliseconds, and how many lines are kept: an hour. */
const lineMs = 10_000;
const linesMax = 360;
/** Upper bounds of the classes of latency, real milliseconds: eleven to a factor of ten, 1 ms to 1000 s. */
const classes = Array.from({ length: 67 }, (_, place) => 10 ** (place / 11));

/** Attempts at one back end within one line; times in real milliseconds, null where nothing was answered. */
export interface TrafficLine {
  /** Unix milliseconds of the computer's clock. */
  readonly at: number;
  readonly requests: number;
  readonly failed: number;
  readonly firstByteP50Ms: number | null;
  readonly firstByteP95Ms: number | null;
  readonly totalP50Ms: number | null;
  readonly totalP95Ms: number | null;
}

export interface TrafficOfBackEnd {
  readonly name: string;
  readonly running: number;
  /** The last hour as one line. */
  readonly lastHour: TrafficLine;
  /** Oldest first; moments without a request are left out. */
  readonly series: readonly TrafficLine[];
}

/** Exchanges of one back end since the process began; failed ones are in no histogram. */
export interface TrafficSinceStart {
  readonly name: string;
  readonly running: number;
  readonly attempts: number;
  readonly failed: number;
  readonly firstByte: DurationHistogram;
  readonly duration: DurationHistogram;
}

/** How long each back end takes, by looking at its exchanges as they pass. Since the start of the process. */
export class TrafficBook {
  readonly #books = new Map<string, BackEndBook>();
  readonly #now: () => number;

  /** `now`: Unix milliseconds of the computer's clock. */
  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  /** The same back end, watched. */
  timed(upstream: Upstream): Upstream {
    const book = new BackEndBook(this.#now);
    this.#books.set(upstream.name, book);
    return {
      name: upstream.name,
      models: (signal) => upstream.models(signal),
      complete: (request) => upstream.complete(request),
      exchange: (request, receiver) => {
        const watch = new WatchedExchange(book, receiver);
        watch.exchange = upstream.exchange(request, watch);
        return watch;
      },
    };
  }

  /** For the metrics. */
  sinceStart(): readonly TrafficSinceStart[] {
    return [...this.#books].map(([name, book]) => ({ name, running: book.running, ...book.sinceStart }));
  }

  view(): readonly TrafficOfBackEnd[] {
    return [...this.#books].map(([name, book]) => ({ name, ...book.view() }));
  }
}

/** Both ends of one exchange: what passes is handed on unchanged. */
class WatchedExchange implements UpstreamReceiver, UpstreamExchange {
  exchange: UpstreamExchange | undefined;
  readonly #book: BackEndBook;
  readonly #receiver: UpstreamReceiver;
  readonly #sentAt = performance.now();
  #firstByteMs: number | null = null;
  #isRefused = false;
  #isOver = false;

  constructor(book: BackEndBook, receiver: UpstreamReceiver) {
    this.#book = book;
    this.#receiver = receiver;
    book.running += 1;
  }

  head(head: Parameters<UpstreamReceiver['head']>[0]): void {
    this.#isRefused = head.status >= 400;
    this.#receiver.head(head);
  }
  data(bytes: Buffer): boolean {
    this.#firstByteMs ??= performance.now() - this.#sentAt;
    return this.#receiver.data(bytes);
  }
  end(): void {
    this.#over(this.#isRefused);
    this.#receiver.end();
  }
  failed(error: Parameters<UpstreamReceiver['failed']>[0]): void {
    this.#over(true);
    this.#receiver.failed(error);
  }
  resume(): void {
    this.exchange?.resume();
  }
  /** By us: the caller left, the answer was complete before its body ended, or it took too long. */
  abort(): void {
    this.#over(this.#firstByteMs === null || this.#isRefused);
    this.exchange?.abort();
  }

  #over(isFailed: boolean): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#book.running -= 1;
    this.#book.add(isFailed, this.#firstByteMs, performance.now() - this.#sentAt);
  }
}

class BackEndBook {
  running = 0;
  readonly sinceStart = {
    attempts: 0,
    failed: 0,
    firstByte: new DurationHistogram(),
    duration: new DurationHistogram(),
  };
  readonly #now: () => number;
  readonly #lines: Line[] = [];

  constructor(now: () => number) {
    this.#now = now;
  }

  add(isFailed: boolean, firstByteMs: number | null, totalMs: number): void {
    this.#addSinceStart(isFailed, firstByteMs, totalMs);
    const at = Math.floor(this.#now() / lineMs) * lineMs;
    let line = this.#lines.at(-1);
    if (line?.at !== at) {
      line = new Line(at);
      this.#lines.push(line);
      if (this.#lines.length > linesMax) this.#lines.shift();
    }
    line.requests += 1;
    if (isFailed) line.failed += 1;
    else {
      if (firstByteMs !== null) line.firstByte.add(firstByteMs);
      line.total.add(totalMs);
    }
  }

  #addSinceStart(isFailed: boolean, firstByteMs: number | null, totalMs: number): void {
    const { sinceStart } = this;
    sinceStart.attempts += 1;
    if (isFailed) {
      sinceStart.failed += 1;
      return;
    }
    if (firstByteMs !== null) sinceStart.firstByte.observe(firstByteMs / 1000);
    sinceStart.duration.observe(totalMs / 1000);
  }

  view(): Omit<TrafficOfBackEnd, 'name'> {
    const since = this.#now() - lineMs * linesMax;
    const lines = this.#lines.filter(({ at }) => at >= since);
    const hour = new Line(lines[0]?.at ?? this.#now());
    for (const line of lines) hour.merge(line);
    return { running: this.running, lastHour: hour.view(), series: lines.map((line) => line.view()) };
  }
}

class Line {
  readonly at: number;
  requests = 0;
  failed = 0;
  readonly firstByte = new Latencies();
  readonly total = new Latencies();

  constructor(at: number) {
    this.at = at;
  }

  merge(other: Line): void {
    this.requests += other.requests;
    this.failed += other.failed;
    this.firstByte.merge(other.firstByte);
    this.total.merge(other.total);
  }

  view(): TrafficLine {
    return {
      at: this.at,
      requests: this.requests,
      failed: this.failed,
      firstByteP50Ms: this.firstByte.quantile(0.5),
      firstByteP95Ms: this.firstByte.quantile(0.95),
      totalP50Ms: this.total.quantile(0.5),
      totalP95Ms: this.total.quantile(0.95),
    };
  }
}

/** Counts by class: a quantile is off by a tenth at most, whatever the number of requests. */
class Latencies {
  readonly #counts = new Uint32Array(classes.length);
  #count = 0;

  add(ms: number): void {
    const place = Math.ceil(Math.log10(Math.max(1, ms)) * 11);
    const slot = Math.min(classes.length - 1, place);
    this.#counts[slot] = (this.#counts[slot] ?? 0) + 1;
    this.#count += 1;
  }

  merge(other: Latencies): void {
    for (const [slot, count] of other.#counts.entries())
      this.#counts[slot] = (this.#counts[slot] ?? 0) + count;
    this.#count += other.#count;
  }

  quantile(share: number): number | null {
    if (this.#count === 0) return null;
    let left = Math.ceil(share * this.#count);
    for (const [slot, count] of this.#counts.entries()) {
      left -= count;
      // The middle of its class.
      if (left <= 0) return Math.round(10 * (classes[slot] ?? 0) * 10 ** (-0.5 / 11)) / 10;
    }
    return null;
  }
}
