import { z } from 'zod';
import { pocV2State } from './service-answers.ts';

/** `GET /api/v1/inference/pow/status` of a node none of whose machines serves PoC v2. */
export const pocV2StatusAnswer = z.strictObject({ status: pocV2State, backends: z.array(z.never()).max(0) });
export type PocV2StatusAnswer = z.infer<typeof pocV2StatusAnswer>;

/** `POST /api/v1/inference/pow/stop` of such a node. */
export const pocV2StoppedAnswer = z.strictObject({
  status: z.literal('OK'),
  message: z.literal('No backends to stop'),
});
export type PocV2StoppedAnswer = z.infer<typeof pocV2StoppedAnswer>;
