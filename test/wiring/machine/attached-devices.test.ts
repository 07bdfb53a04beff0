import { describe, expect, test, vi } from 'vitest';
import type { RowView } from '../../../src/runtime/interface.ts';
import { createAttachedDevices } from '../../../src/wiring/machine/attached-devices.ts';

const smi = 'NVIDIA H100 80GB HBM3, 81559\nNVIDIA H100 80GB HBM3, 81559\n';
const log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

function deskOf(mode: 'epoch' | 'sprint', leases: readonly { id: string; value: unknown }[]) {
  const asked: string[] = [];
  let answer: () => Promise<{ exitCode: number; stdout: string; stderr: string }> = async () => ({
    exitCode: 0,
    stdout: smi,
    stderr: '',
  });
  const rows = (options?: { chart?: string }): readonly RowView[] =>
    (options?.chart === 'epoch'
      ? [{ context: { plan: { mode }, crew: [{ leaseId: 'L1' }, { leaseId: 'L3' }] } }]
      : leases.map(({ id, value }) => ({ value, context: { leaseId: id } }))) as unknown as RowView[];
  const devices = createAttachedDevices({
    rows: { rows },
    room: {
      isOpen: () => true,
      exec: (leaseId) => {
        asked.push(leaseId);
        return answer();
      },
    },
    log,
    signal: new AbortController().signal,
  });
  return {
    devices,
    asked,
    willAnswer: (next: typeof answer) => {
      answer = next;
    },
  };
}
const held = [{ id: 'L1', value: { held: 'ready' } }];

describe('the devices of the node', () => {
  test('are those of the machine that an epoch plan keeps, asked once', async () => {
    const { devices, asked } = deskOf('epoch', held);
    expect(devices()).toEqual([]);
    await vi.waitFor(() => expect(devices()).toHaveLength(2));
    expect(devices()[0]).toEqual({ name: 'NVIDIA H100 80GB HBM3', totalMemoryMb: 81_559 });
    expect(asked).toEqual(['L1']);
  });

  test('are none for a sprint, for a machine that is not held, and for one of nobody', () => {
    for (const desk of [
      deskOf('sprint', held),
      deskOf('epoch', [{ id: 'L1', value: 'loading' }]),
      deskOf('epoch', [{ id: 'L2', value: { held: 'ready' } }]),
    ]) {
      expect([desk.devices(), desk.asked]).toEqual([[], []]);
    }
  });

  test('of several machines are those of each that has answered', async () => {
    const { devices, asked, willAnswer } = deskOf('epoch', [
      ...held,
      { id: 'L3', value: { held: 'working' } },
    ]);
    const { promise, resolve } = Promise.withResolvers<{
      exitCode: number;
      stdout: string;
      stderr: string;
    }>();
    willAnswer(() => promise);
    expect(devices()).toEqual([]);
    expect(asked).toEqual(['L1', 'L3']);
    resolve({ exitCode: 0, stdout: smi, stderr: '' });
    await vi.waitFor(() => expect(devices()).toHaveLength(4));
    expect(asked).toEqual(['L1', 'L3']);
  });

  test('are asked again when the machine did not answer, and never waited for', async () => {
    const { devices, asked, willAnswer } = deskOf('epoch', held);
    willAnswer(() => Promise.reject(new Error('tunnel lost')));
    expect(devices()).toEqual([]);
    willAnswer(async () => ({ exitCode: 0, stdout: smi, stderr: '' }));
    await vi.waitFor(() => expect(devices()).toHaveLength(2));
    expect(asked.length).toBeGreaterThan(1);
  });
});
