import { z } from 'zod';

/** One GPU as the Network Node reads it (docs/reference/protocol.md "GPU"); what nobody measured is null. */
const gpuDevice = z.strictObject({
  index: z.int().min(0),
  name: z.string(),
  total_memory_mb: z.number(),
  free_memory_mb: z.null(),
  used_memory_mb: z.null(),
  utilization_percent: z.null(),
  temperature_c: z.null(),
  is_available: z.literal(true),
  error_message: z.null(),
});
export type GpuDeviceAnswer = z.infer<typeof gpuDevice>;

/** `GET /api/v1/gpu/devices`. */
export const gpuDevicesAnswer = z.strictObject({ devices: z.array(gpuDevice), count: z.int().min(0) });
export type GpuDevicesAnswer = z.infer<typeof gpuDevicesAnswer>;
