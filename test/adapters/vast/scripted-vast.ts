import { createHttpVast, type Vast } from '../../../src/adapters/vast/index.ts';
import type { WireRequest, WireResponse } from '../../../src/adapters/transport.ts';
import { Secret } from '../../../src/secret.ts';

export const scriptedKey = 'key-that-nobody-may-read';

/** An adapter before a wire that answers from a script and remembers what was sent. */
export function scriptedVast(script: readonly (WireResponse | Error)[]): { vast: Vast; sent: WireRequest[] } {
  const sent: WireRequest[] = [];
  const left = [...script];
  let now = 0;
  const vast = createHttpVast({
    baseUrl: 'https://vast.test',
    apiKey: new Secret(scriptedKey),
    random: () => 0,
    clock: {
      now: () => now,
      sleep: async (ms) => {
        now += ms;
      },
    },
    transport: async (request) => {
      sent.push(request);
      const answer = left.shift();
      if (answer === undefined) throw new Error('the script has no further answer');
      if (answer instanceof Error) throw answer;
      return answer;
    },
  });
  return { vast, sent };
}

export const answer = (status: number, body: unknown): WireResponse => ({
  status,
  headers: {},
  body: typeof body === 'string' ? body : JSON.stringify(body),
});

export const htmlPage = '<html><head><title>502 Bad Gateway</title></head><body>cloudflare</body></html>';
