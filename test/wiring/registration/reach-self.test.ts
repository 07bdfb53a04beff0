import { describe, expect, test } from 'vitest';
import type { NodeDefinition } from '../../../src/adapters/network-node/interface.ts';
import type { Transport } from '../../../src/adapters/transport.ts';
import { HybridError } from '../../../src/errors.ts';
import { createSelfProbes, selfProbeHeader } from '../../../src/server/self-probes.ts';
import { createReachSelf } from '../../../src/wiring/registration/reach-self.ts';

const definition: NodeDefinition = {
  id: 'hybrid-1',
  host: '10.0.0.21',
  pocPort: 8080,
  pocSegment: '',
  inferencePort: 5050,
  inferenceSegment: '',
  models: { 'org/model': { args: [] } },
  maxConcurrent: 100,
  hardware: [],
};
const { signal } = new AbortController();

/** A way to the address; `answer` says what is there, by URL. Requests to ourselves arrive unless it says otherwise. */
function way(
  answer: (url: string) => { status: number; isOurs?: false } | HybridError = () => ({ status: 200 }),
) {
  const probes = createSelfProbes();
  const urls: string[] = [];
  const transport: Transport = async ({ url, headers }) => {
    urls.push(url);
    const there = answer(url);
    if (there instanceof HybridError) throw there;
    if (there.isOurs !== false) probes.arrived(headers?.[selfProbeHeader] ?? '');
    return { status: there.status, headers: {}, body: '' };
  };
  const listening = Promise.withResolvers<void>();
  const reach = (of = definition, by = signal) =>
    createReachSelf({ definition: of, probes, transport, listening: listening.promise })(by);
  return { urls, reach, listen: () => listening.resolve() };
}

describe('before it registers, the daemon', () => {
  test('calls both its APIs as the Network Node would, segments included', async () => {
    const { urls, reach, listen } = way();
    listen();
    await reach();
    await reach({ ...definition, pocSegment: '/api/v1', inferenceSegment: '/v1' });
    expect(urls).toEqual([
      'http://10.0.0.21:8080/api/v1/state',
      'http://10.0.0.21:5050/health',
      'http://10.0.0.21:8080/api/v1/api/v1/state',
      'http://10.0.0.21:5050/v1/health',
    ]);
  });

  test('waits until it listens', async () => {
    const { urls, reach, listen } = way();
    const reached = reach();
    await Promise.resolve();
    expect(urls).toEqual([]);
    listen();
    await reached;
    expect(urls).toHaveLength(2);
  });

  test.each([
    [503, 'nothing serves at the moment'],
    [401, 'its own address is not one that may call'],
  ])('is content with %i from itself: %s', async (status) => {
    const { reach, listen } = way(() => ({ status }));
    listen();
    await expect(reach()).resolves.toBeUndefined();
  });

  test.each([
    [
      'nothing listens',
      () => new HybridError({ code: 'WIRE_REFUSED', message: 'ECONNREFUSED' }),
      /:8080.*ECONNREFUSED/,
    ],
    [
      'nothing answers',
      () => new HybridError({ code: 'WIRE_TIMEOUT', message: 'no answer' }),
      /:8080.*no answer/,
    ],
    [
      'somebody else answers',
      () => ({ status: 200, isOurs: false }) as const,
      /:8080.*something else answers.*200/,
    ],
    [
      'the inference port is somebody else',
      (url: string) => (url.includes(':5050') ? ({ status: 200, isOurs: false } as const) : { status: 200 }),
      /:5050\/health.*something else/,
    ],
    ['it has no such path', () => ({ status: 404 }), /no such path; check the segments/],
  ])('refuses where %s', async (_, answer, message) => {
    const { reach, listen } = way(answer);
    listen();
    const failure = reach();
    await expect(failure).rejects.toMatchObject({ code: 'REGISTRATION_UNREACHABLE', class: 'operator' });
    await expect(failure).rejects.toThrow(message);
  });

  test.each([
    ['while it waits for its listeners', false],
    ['while it calls itself', true],
  ])('lets go when it is stopped %s', async (_, isListening) => {
    const stop = new AbortController();
    const { reach, listen } = way(() => {
      stop.abort();
      return new HybridError({ code: 'ABORTED', message: 'abandoned' });
    });
    if (isListening) listen();
    const reached = reach(definition, stop.signal);
    if (!isListening) stop.abort();
    await expect(reached).rejects.toMatchObject({ code: 'ABORTED' });
  });
});
