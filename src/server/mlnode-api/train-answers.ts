import { z } from 'zod';

/** `GET /api/v1/train/status`: nothing is ever trained. */
export const trainStatusAnswer = z.strictObject({ status: z.literal(false) });
export type TrainStatusAnswer = z.infer<typeof trainStatusAnswer>;
