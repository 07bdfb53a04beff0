import { json, text, type WorldResponse } from '../exchange.ts';

/** `{"success":false,"error":…,"msg":…}`. Source: docs/reference/vast.md "General error shape". */
export const refusal = (status: number, error: string, msg: string): WorldResponse =>
  json(status, { success: false, error, msg });

export const noCredentials = (): WorldResponse => refusal(403, 'auth_error', 'This action requires login.');
/** Some endpoints say 401, others (the search among them) 404: "gone" and "who are you" can look alike. */
export const badKey = (status: 401 | 404): WorldResponse => refusal(status, 'auth_error', 'Invalid user key');
export const notAllowed = (): WorldResponse =>
  refusal(403, 'not_authorized', 'error 403/1302: key lacks the permission for this action');
export const noSuchInstance = (instanceId: number): WorldResponse =>
  refusal(404, 'no_such_instance', `error 404/3205: no_such_instance Instance ${instanceId} not found`);
export const notFound = (): WorldResponse => refusal(404, 'not_found', 'error 404: no such endpoint');
export const invalidArgs = (msg: string): WorldResponse =>
  refusal(400, 'invalid_args', `error 400/3540: ${msg}`);
export const invalidJson = (): WorldResponse =>
  json(400, { success: false, error: 'invalid_request', msg: 'Invalid json body' });
export const htmlPage = (status: number): WorldResponse =>
  text(
    status,
    `<html>\r\n<head><title>${status} Bad Gateway</title></head>\r\n<body><center><h1>${status} Bad Gateway</h1></center><hr><center>cloudflare</center></body>\r\n</html>\r\n`,
    'text/html; charset=UTF-8',
  );

/** The shapes in which "offer gone" arrives, in turn; the 400 is the one that hides it. */
export function offerGone(turn: number, offerId: number): WorldResponse {
  const shapes = [
    refusal(
      400,
      'invalid_args',
      `error 400/3603: no_such_ask Instance type by id ${offerId} is not available.`,
    ),
    refusal(
      404,
      'no_such_ask',
      `error 404/3603: no_such_ask Instance type by id ${offerId} is not available.`,
    ),
    refusal(410, 'no_such_ask', `error 410/3907: no_such_ask offer ${offerId} is no longer available`),
  ] as const;
  return shapes[turn % 3] ?? shapes[0];
}

/** The four bodies of a 429, in turn. There is no Retry-After. Source: docs/reference/vast.md "Rate limits". */
export function tooFrequent(turn: number, threshold: number): WorldResponse {
  switch (turn % 4) {
    case 0:
      return text(429, `API requests too frequent: endpoint threshold=${threshold}`);
    case 1:
      return json(429, { detail: `API requests too frequent endpoint threshold=${threshold}` });
    case 2:
      return json(429, {
        message: `The action could not be performed because there were too many requests endpoint threshold=${threshold}*1.0`,
        code: '429 Too Many Requests',
      });
    default:
      return json(429, { success: false, error: 'rate_limit_exceeded', msg: 'Rate limit exceeded' });
  }
}
