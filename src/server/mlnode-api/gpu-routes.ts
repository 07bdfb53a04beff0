import type { FastifyInstance } from 'fastify';
import type { GpuDevice, MlnodeDesk } from './desk.ts';
import { detail } from './fastapi-answer.ts';
import type { GpuDeviceAnswer, GpuDevicesAnswer } from './gpu-answers.ts';

/**
 * GPUs (docs/reference/protocol.md "GPU"). The Network Node publishes a non-empty list, so it holds only what is
 * there and stays there. Live readings of another machine are not invented: they are null.
 */
export function gpuRoutes(app: FastifyInstance, desk: MlnodeDesk): void {
  app.get('/api/v1/gpu/devices', (_request, reply) => {
    const devices = deviceList(desk.devices?.() ?? []);
    return reply.send({ devices, count: devices.length } satisfies GpuDevicesAnswer);
  });
  app.get('/api/v1/gpu/driver', (_request, reply) =>
    detail(reply, 503, 'NVML is not available: this node has no GPU of its own'),
  );
}

export const deviceList = (devices: readonly GpuDevice[]): GpuDeviceAnswer[] =>
  devices.map(({ name, totalMemoryMb }, index) => ({
    index,
    name,
    total_memory_mb: totalMemoryMb,
    free_memory_mb: null,
    used_memory_mb: null,
    utilization_percent: null,
    temperature_c: null,
    is_available: true,
    error_message: null,
  }));
