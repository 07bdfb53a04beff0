import type { WorldOutcome, WorldResponse } from '../../../src/world/exchange.ts';
import { Random } from '../../../src/world/random.ts';
import { UpstreamWorld, type UpstreamWorldOptions } from '../../../src/world/upstream/upstream.ts';
import { SteppingClock } from '../machine/stepping-clock.ts';

export const apiKey = 'eyJ-test-key';
export const llama = 'meta-llama/Llama-3.3-70B-Instruct';
export const coder = 'Qwen/Qwen3-Coder-480B-A35B-Instruct';
export const chat = { model: llama, messages: [{ role: 'user', content: 'canary: why is the sky blue?' }] };

/** Everything that came of one call. */
export interface Heard {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** An inference API under a clock of its own. */
export class UpstreamCase {
  readonly clock = new SteppingClock();
  readonly world: UpstreamWorld;
  constructor(options: Partial<UpstreamWorldOptions> = {}) {
    this.world = new UpstreamWorld({ clock: this.clock, random: new Random(5), apiKey, ...options });
  }
  send(
    body: unknown,
    options: { path?: string; key?: string; signal?: AbortSignal } = {},
  ): Promise<WorldOutcome> {
    const { path = '/v1/chat/completions', key = apiKey, signal } = options;
    return this.world.handle({
      method: path === '/v1/models' ? 'GET' : 'POST',
      path,
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: JSON.stringify(body) ?? '',
      ...(signal ? { signal } : {}),
    });
  }
  /** The whole answer, with as much world time as it takes. */
  async hear(body: unknown, options: Parameters<UpstreamCase['send']>[1] = {}): Promise<Heard> {
    const whole = (async () => {
      const outcome = await this.send(body, options);
      if (typeof outcome === 'string') return { status: 0, headers: {}, body: outcome };
      return { status: outcome.status, headers: outcome.headers ?? {}, body: await text(outcome) };
    })();
    await this.clock.run(300_000);
    return whole;
  }
  book(name: string): unknown {
    return this.world.books()[name];
  }
}

/** The `data:` lines of a stream. */
export function events(body: string): string[] {
  return body.split('\n\n').flatMap((block) => (block === '' ? [] : [block.replace(/^data: /, '')]));
}

async function text(response: WorldResponse): Promise<string> {
  if (typeof response.body === 'string') return response.body;
  let whole = '';
  for await (const piece of response.body) whole += piece;
  return whole;
}
