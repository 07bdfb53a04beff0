import { z } from 'zod';

/** `GET /openapi.json`: its own meta-schema is OpenAPI's. */
export const documentAnswer = z.looseObject({
  openapi: z.literal('3.1.1'),
  info: z.looseObject({ title: z.string(), version: z.string() }),
  paths: z.record(z.string(), z.unknown()),
});
