/**
 * The API's base with exactly one `/v1`: callers write it with and without, and without it every call is a 404
 * without a body (docs/reference/upstream.md "Base URL").
 */
export function apiBase(baseUrl: string): string {
  const trimmed = baseUrl.replace(/\/+$/, '').replace(/\/v1$/, '').replace(/\/+$/, '');
  return `${trimmed}/v1`;
}
