import { HybridError } from '../../errors.ts';
import type { Secret } from '../../secret.ts';
import type { WorldClock } from '../../world/clock.ts';
import type { WorldOutcome } from '../../world/exchange.ts';
import type { UpstreamWorld } from '../../world/upstream/upstream.ts';
import { createWorldTransport, rawPath } from '../world-transport.ts';
import { answerHead } from './answer-head.ts';
import { type CompletionCall, completionLimits, type CompletionWire } from './completion-wire.ts';
import { createWiredUpstream } from './http.ts';
import type { Upstream, UpstreamExchange, UpstreamReceiver } from './interface.ts';

export interface SimulatedUpstreamOptions {
  readonly world: Pick<UpstreamWorld, 'handle'>;
  readonly key: Secret;
  /** Times the limits. */
  readonly clock: Pick<WorldClock, 'now' | 'setTimeout' | 'clearTimeout'>;
  readonly name?: string;
}

/** The inference API of the simulation: the same parsing over the world's own handler. */
export function createSimulatedUpstream(options: SimulatedUpstreamOptions): Upstream {
  const { world, key, clock, name } = options;
  const wire: CompletionWire = (call, receiver) => {
    const exchange = new WorldExchange(world, clock, call, receiver);
    void exchange.run();
    return exchange;
  };
  return createWiredUpstream({
    name: name ?? 'upstream',
    baseUrl: 'http://upstream.world',
    key,
    transport: createWorldTransport({ neighbour: world, clock }),
    wire,
  });
}

/** One request in the world. What ends it early hangs up on the world. */
class WorldExchange implements UpstreamExchange {
  readonly #world: Pick<UpstreamWorld, 'handle'>;
  readonly #clock: SimulatedUpstreamOptions['clock'];
  readonly #call: CompletionCall;
  readonly #receiver: UpstreamReceiver;
  readonly #hangUp = new AbortController();
  #isOver = false;
  #limit: ReturnType<WorldClock['setTimeout']> | undefined;
  #wake: (() => void) | undefined;

  constructor(
    world: Pick<UpstreamWorld, 'handle'>,
    clock: SimulatedUpstreamOptions['clock'],
    call: CompletionCall,
    receiver: UpstreamReceiver,
  ) {
    this.#world = world;
    this.#clock = clock;
    this.#call = call;
    this.#receiver = receiver;
  }

  resume(): void {
    this.#wake?.();
  }

  abort(): void {
    this.#isOver = true;
    this.#clock.clearTimeout(this.#limit);
    this.#hangUp.abort();
    this.#wake?.();
  }

  async run(): Promise<void> {
    const { url, headers, body } = this.#call;
    // The receiver may not be called before the sender holds its handle.
    await Promise.resolve();
    try {
      this.#within(completionLimits.headersTimeoutMs);
      const path = rawPath(url);
      const request = { method: 'POST', path, headers, body: body.toString(), signal: this.#hangUp.signal };
      const outcome = await this.#world.handle(request);
      if (outcome === 'drop') this.#fail('UPSTREAM_BROKEN');
      else if (outcome !== 'hang') await this.#tell(outcome);
    } catch {
      this.#fail('UPSTREAM_BROKEN');
    }
  }

  async #tell(outcome: Exclude<WorldOutcome, string>): Promise<void> {
    if (this.#isOver) return;
    this.#receiver.head(answerHead(outcome.status, outcome.headers ?? {}, this.#clock.now()));
    const pieces = typeof outcome.body === 'string' ? [outcome.body] : outcome.body;
    this.#within(completionLimits.gapTimeoutMs);
    for await (const piece of pieces) {
      if (this.#isOver) return;
      this.#clock.clearTimeout(this.#limit);
      if (!this.#receiver.data(Buffer.from(piece))) await this.#paused();
      this.#within(completionLimits.gapTimeoutMs);
    }
    if (this.#isOver) return;
    this.abort();
    this.#receiver.end();
  }

  #paused(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  #within(limitMs: number): void {
    this.#clock.clearTimeout(this.#limit);
    if (!this.#isOver) this.#limit = this.#clock.setTimeout(() => this.#fail('UPSTREAM_TIMEOUT'), limitMs);
  }

  #fail(code: 'UPSTREAM_TIMEOUT' | 'UPSTREAM_BROKEN'): void {
    if (this.#isOver) return;
    this.abort();
    this.#receiver.failed(new HybridError({ code, message: `POST ${this.#call.url}: no whole answer` }));
  }
}
