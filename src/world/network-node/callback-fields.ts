import type { WorldRequest } from '../exchange.ts';

/**
 * The fields of a callback's body, or what is wrong with it: Go's decoder takes absent fields as zero values and wrong
 * types not at all. `wrongField` names the first field of a wrong type.
 */
export function callbackFields(
  request: WorldRequest,
  wrongField: (fields: Readonly<Record<string, unknown>>) => string | undefined,
): Readonly<Record<string, unknown>> | string {
  const type = request.headers['content-type']?.split(';', 1)[0]?.trim().toLowerCase();
  if (type !== 'application/json') return 'Unsupported Media Type';
  let body: unknown;
  try {
    body = JSON.parse(request.body);
  } catch {
    return 'Syntax error: body is no JSON';
  }
  if (typeof body !== 'object' || body === null || Array.isArray(body))
    return 'Unmarshal type error: expected=object';
  const fields = body as Readonly<Record<string, unknown>>;
  const wrong = wrongField(fields);
  return wrong === undefined ? fields : `Unmarshal type error: field=${wrong}`;
}
