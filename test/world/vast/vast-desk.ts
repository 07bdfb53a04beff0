import type { WorldOutcome, WorldResponse } from '../../../src/world/exchange.ts';
import { VastWorld, type VastWorldOptions } from '../../../src/world/vast/vast-world.ts';
import { VirtualClock } from '../../../src/runtime/virtual-clock.ts';
import { goodOffers } from './market-case.ts';
import { RecordingHost } from './recording-host.ts';

export type Json = Record<string, unknown>;

/** A world on a virtual clock, and a stranger who speaks to it in plain HTTP terms. */
export class VastDesk {
  readonly clock = new VirtualClock(1_800_000_000_000);
  readonly host = new RecordingHost();
  readonly world: VastWorld;

  constructor(options: Partial<VastWorldOptions> = {}) {
    this.world = new VastWorld({
      seed: 5,
      accidents: 0,
      imageGb: 1,
      market: { offers: goodOffers(8) },
      ...options,
      apiKey: 'k',
      clock: this.clock,
      host: this.host,
    });
  }

  /** Sends one request and lets `afterMs` pass, so that the answer is there and no throttle is hit next. */
  async ask(method: string, path: string, body: unknown = {}, afterMs = 31_000): Promise<WorldResponse> {
    const outcome = this.world.handle({
      method,
      path,
      headers: { authorization: 'Bearer k' },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });
    await this.clock.advanceBy(afterMs);
    return responseOf(await outcome);
  }

  async json(method: string, path: string, body: unknown = {}, afterMs = 31_000): Promise<Json> {
    const { body: text } = await this.ask(method, path, body, afterMs);
    return JSON.parse(text as string) as Json;
  }

  /** Rents and waits for the answer; the boot goes on. */
  async rent(offerId: number, more: Json = {}): Promise<number> {
    const order = { image: 'a/b:1', disk: 80, runtype: 'ssh_direc ssh_proxy', label: `l${offerId}`, ...more };
    return (await this.json('PUT', `/api/v0/asks/${offerId}/`, order))['new_contract'] as number;
  }

  async rows(): Promise<Json[]> {
    return (await this.json('GET', '/api/v1/instances/'))['instances'] as Json[];
  }

  books(): { instances: Json[]; live: number; paidSeconds: number; costUsd: number; creditUsd: number } {
    return this.world.books() as ReturnType<VastDesk['books']>;
  }
}

function responseOf(outcome: WorldOutcome): WorldResponse {
  if (typeof outcome === 'string') throw new Error(`no answer: ${outcome}`);
  return outcome;
}
