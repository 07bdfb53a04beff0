import { describe, expect, it } from 'vitest';
import type { Mlnode } from '../../../src/adapters/mlnode/interface.ts';
import type { WireRequest } from '../../../src/adapters/transport.ts';
import type { ReverseReceiver } from '../../../src/adapters/ssh/interface.ts';
import { HybridError } from '../../../src/errors.ts';
import { createCallbackProbe, probeBytes } from '../../../src/wiring/poc/callback-probe.ts';
import { type Candidate, qualify } from '../../../src/wiring/machine/qualification.ts';
import { nvidiaSmi } from '../../../src/world/machine/nvidia-smi.ts';
import { silent } from '../small-town.ts';

const { signal } = new AbortController();
const gpu = { name: 'H100 SXM', ramMb: 81_559 };
const candidate: Candidate = { leaseId: 'A', gpuCount: 2, callbackPort: 20_100, model: null, isPocV2: false };
const served = { ...candidate, model: 'org/name', isPocV2: true };
const now = 1_800_000_000_000;

function looked(change: {
  gpus?: readonly (typeof gpu)[];
  skewSeconds?: number;
  models?: readonly string[];
  status?: unknown;
  image?: string;
  needGb?: number;
}) {
  const {
    gpus = [gpu, gpu],
    skewSeconds = 0,
    models = ['org/name'],
    status = { status: 'IDLE', backEnds: [] },
  } = change;
  const summary = nvidiaSmi(gpus, gpus.length === 0, []);
  const list = nvidiaSmi(gpus, gpus.length === 0, [
    '--query-gpu=name,memory.total',
    '--format=csv,noheader,nounits',
  ]);
  return (of: Candidate) =>
    qualify(
      {
        image: change.image ?? 'ghcr.io/gonka-ai/mlnode:3.0.14-post2',
        room: {
          exec: async () => ({
            exitCode: list.exitCode,
            stdout: `${now / 1_000 + skewSeconds}\n${summary.stdout}${list.stdout}`,
            stderr: '',
          }),
          mlnode: () =>
            ({ servedModels: async () => models, pocV2Status: async () => status }) as unknown as Mlnode,
        },
        probe: { receiver: (_leaseId, next) => next, prove: async () => 'proven' },
        gpuTotalRamMbMin: () => (change.needGb ?? 80) * 1_000,
        now: () => now,
      },
      of,
      signal,
    );
}

describe('qualification', () => {
  it('keeps what it found out', async () => {
    expect(await looked({ skewSeconds: 3 })(served)).toEqual({
      gpus: ['NVIDIA H100 80GB HBM3, 81559', 'NVIDIA H100 80GB HBM3, 81559'],
      cudaVersion: 13,
      driverVersion: '580.95.05',
      clockSkewSeconds: 3,
      callbackPath: 'proven',
    });
  });

  it.each([
    ['MACHINE_NO_GPU', looked({ gpus: [gpu] }), candidate],
    ['MACHINE_NO_GPU', looked({ gpus: [] }), candidate],
    ['MACHINE_GPU_TOO_SMALL', looked({ needGb: 320 }), served],
    ['MACHINE_CUDA_UNFIT', looked({ image: 'own/mlnode:v1-cu131' }), candidate],
    ['MACHINE_CLOCK_WRONG', looked({ skewSeconds: -7_200 }), candidate],
    ['MODEL_NOT_SERVED', looked({ models: ['other/model'] }), served],
    ['MODEL_NOT_SERVED', looked({ status: { status: 'NO_BACKENDS', backEnds: [] } }), served],
    ['POC_V2_UNSUPPORTED', looked({ status: null }), served],
  ] as const)('returns a machine with %s', async (code, look, of) => {
    await expect(look(of)).rejects.toMatchObject({ code, class: 'terminal' });
  });
});

describe('the way of a callback', () => {
  const next: ReverseReceiver = async () => ({ status: 200, body: 'next' });

  function way(reply: number | 'refused' | 'taken', base: string | null = 'http://api:9100/v1/poc-batches') {
    const delivered: { url: string; body: Buffer }[] = [];
    const posted: WireRequest[] = [];
    const probe = createCallbackProbe({
      log: silent,
      callbackBase: () => base,
      networkNode: {
        deliver: async (callback) => {
          delivered.push(callback);
          if (reply === 'taken') return;
          const facts = reply === 'refused' ? {} : { status: reply };
          throw new HybridError({ code: 'CALLBACK_NOT_TAKEN', message: 'no', ...facts });
        },
      },
      room: {
        transport: () => async (request) => {
          posted.push(request);
          const receiver = probe.receiver('A', next);
          const body = Buffer.from(request.body ?? '');
          const answer = await receiver({ method: 'POST', path: '/x', headers: {}, body });
          return { ...answer, headers: {} };
        },
      },
    });
    return { probe, delivered, posted };
  }

  it.each([
    [400, 'proven'],
    [503, 'proven'],
    [404, 'toRelay'],
    ['refused', 'toRelay'],
    ['taken', 'toRelay'],
  ] as const)('is, when the Network Node answers %s, %s', async (reply, finding) => {
    const { probe, delivered } = way(reply);
    expect(await probe.prove('A', 20_100, signal)).toBe(finding);
    expect(delivered).toEqual([{ url: 'http://api:9100/v1/poc-batches/generated', body: probeBytes }]);
  });

  it('is unknown while nobody has said where callbacks go', async () => {
    const { probe, delivered } = way(400, null);
    expect(await probe.prove('A', 20_100, signal)).toBe('unknown');
    expect(delivered).toEqual([]);
  });

  it('is broken when the post does not come out here', async () => {
    const probe = createCallbackProbe({
      log: silent,
      callbackBase: () => null,
      networkNode: { deliver: async () => undefined },
      room: { transport: () => async () => ({ status: 200, headers: {}, body: '' }) },
    });
    await expect(probe.prove('A', 20_100, signal)).rejects.toMatchObject({ code: 'CALLBACK_PATH_BROKEN' });
  });

  it('is asked with bytes that nobody can decode, and only while a machine is looked at', async () => {
    expect(() => JSON.parse(probeBytes.toString()) as unknown).toThrow();
    const { probe, delivered } = way(400);
    const answer = await probe.receiver(
      'A',
      next,
    )({ method: 'POST', path: '/x', headers: {}, body: probeBytes });
    expect([answer.body, delivered]).toEqual(['next', []]);
  });
});
