import { spliceMember } from './json-splice.ts';

/**
 * The raw body of an init call with another `url` and not one other character changed: any difference between
 * `init/generate` and `init/validate` would make the ML node load its model again (docs/reference/protocol.md
 * "PoC v1"). `rawBody` must be a valid init request.
 */
export const rewriteInitUrl = (rawBody: string, newUrl: string): string =>
  spliceMember(rawBody, 'url', JSON.stringify(newUrl));
