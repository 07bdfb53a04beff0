import { describe, expect, test } from 'vitest';
import { parseCapabilities, probeCapabilities } from '../../../src/adapters/upstream/capabilities.ts';
import { createSimulatedUpstream } from '../../../src/adapters/upstream/simulated.ts';
import { ScaledClock } from '../../../src/sandbox/scaled-clock.ts';
import { Secret } from '../../../src/secret.ts';
import { Random } from '../../../src/world/random.ts';
import { UpstreamWorld, type UpstreamWorldOptions } from '../../../src/world/upstream/upstream.ts';
import { ScriptedUpstream, answers } from '../../server/scripted-upstream.ts';
import { apiKey, llama } from '../../world/upstream/upstream-case.ts';

const { signal } = new AbortController();

async function found(options: Partial<UpstreamWorldOptions> = {}) {
  const clock = new ScaledClock({ originMs: Date.now(), speed: 2_000 });
  const world = new UpstreamWorld({ clock, random: new Random(1), apiKey, ...options });
  const upstream = createSimulatedUpstream({ world, key: new Secret(apiKey), clock });
  const capabilities = await probeCapabilities(upstream, llama, signal);
  return { capabilities, books: world.books() };
}
const all = { takesStreamOptions: true, isUsageInStream: true, logprobs: 'given', takesSeed: true };

describe('the probe of a back end', () => {
  test('learns everything from one token', async () => {
    const { capabilities, books } = await found();
    expect(capabilities).toEqual(all);
    expect(books).toMatchObject({ requests: 1, streamed: 1 });
  });

  test('tells a field that is ignored from one that works', async () => {
    const { capabilities } = await found({ knowsStreamOptions: false });
    expect(capabilities).toEqual({ ...all, isUsageInStream: false });
  });

  test('asks for each field alone when all at once are refused', async () => {
    const upstream = new ScriptedUpstream();
    upstream.scripts = [
      (request) => {
        const refused = /logprobs|stream_options/.test(request.body);
        return answers(refused ? 422 : 200, '{"choices":[{"logprobs":null}]}')(request);
      },
    ];
    expect(await probeCapabilities(upstream, 'm', signal)).toEqual({
      takesStreamOptions: false,
      isUsageInStream: false,
      logprobs: 'refused',
      takesSeed: true,
    });
    expect(upstream.requests).toHaveLength(4);
    expect(upstream.requests.every(({ body }) => body.includes('"max_tokens":1'))).toBe(true);
  });

  test.each([401, 429, 500])('settles nothing from a %i', async (status) => {
    const upstream = new ScriptedUpstream();
    upstream.scripts = [answers(status, '')];
    await expect(probeCapabilities(upstream, 'm', signal)).rejects.toMatchObject({
      code: 'UPSTREAM_BAD_ANSWER',
    });
  });

  test('a finding survives its storage; anything else is none', () => {
    expect(parseCapabilities(JSON.stringify(all))).toEqual(all);
    for (const text of ['', '{}', '{"takesSeed":1}']) expect(parseCapabilities(text)).toBeUndefined();
  });
});
