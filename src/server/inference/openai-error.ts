/** OpenAI's error object, the only shape in which the inference port refuses. */
export const openaiError = (status: number, message: string, code: string | null = null): object => ({
  error: { message, type: status < 500 ? 'invalid_request_error' : 'service_unavailable', param: null, code },
});
