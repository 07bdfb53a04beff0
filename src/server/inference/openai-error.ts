import { z } from 'zod';

export const openaiErrorAnswer = z.strictObject({
  error: z.strictObject({
    message: z.string(),
    type: z.enum(['invalid_request_error', 'service_unavailable']),
    param: z.null(),
    code: z.string().nullable(),
  }),
});

/** OpenAI's error object, the only shape in which the inference port refuses. */
export const openaiError = (
  status: number,
  message: string,
  code: string | null = null,
): z.infer<typeof openaiErrorAnswer> => ({
  error: { message, type: status < 500 ? 'invalid_request_error' : 'service_unavailable', param: null, code },
});
