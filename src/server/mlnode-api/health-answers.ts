import { z } from 'zod';
import { gpuDevicesAnswer } from './gpu-answers.ts';
import { serviceState } from './service-answers.ts';

const manager = z.strictObject({ running: z.boolean(), healthy: z.boolean() });

/** The ML node's own health (docs/reference/protocol.md "Health"). */
export const healthAnswer = z.strictObject({
  status: z.enum(['healthy', 'unhealthy']),
  service_state: serviceState,
  gpu: gpuDevicesAnswer.extend({ available: z.boolean() }),
  managers: z.strictObject({ pow: manager, inference: manager, train: manager }),
});
export type HealthAnswer = z.infer<typeof healthAnswer>;

/** `GET /readyz`. */
export const readyAnswer = z.strictObject({ ready: z.boolean() });
export type ReadyAnswer = z.infer<typeof readyAnswer>;
