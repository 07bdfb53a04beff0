import { json, type WorldResponse } from '../exchange.ts';
import type { Gpu } from './gpu-groups.ts';

/** `GET /api/v1/gpu/devices` (docs/reference/protocol.md "GPU"). */
export const gpuDevices = (gpus: readonly Gpu[]): WorldResponse =>
  json(200, { devices: devices(gpus), count: gpus.length });

/** `GET /health` and `/livez` (docs/reference/protocol.md "Health"). */
export function health(
  gpus: readonly Gpu[],
  state: string,
  running: { readonly pow: boolean; readonly inference: boolean },
): WorldResponse {
  const manager = (isRunning: boolean): object => ({ running: isRunning, healthy: true });
  return json(200, {
    status: 'healthy',
    service_state: state,
    gpu: { available: gpus.length > 0, count: gpus.length, devices: devices(gpus) },
    managers: { pow: manager(running.pow), inference: manager(running.inference), train: manager(false) },
  });
}

function devices(gpus: readonly Gpu[]): readonly object[] {
  return gpus.map(({ name, ramMb }, index) => ({
    index,
    name: name.startsWith('NVIDIA') ? name : `NVIDIA ${name}`,
    total_memory_mb: ramMb,
    is_available: true,
    error_message: null,
  }));
}
