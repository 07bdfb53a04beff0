/** The two halves of the node's API, which may be opened to different callers. */
export type Plane = 'management' | 'inference';

/** Which listener a gateway is (`GatewayOptions.surface`). */
export type Surface = 'shared' | 'management' | 'inference';

/**
 * The half that a route belongs to, by its pattern. `/health` on a management listener is the ML node's own, else
 * vLLM's (docs/reference/protocol.md "Health"). What is not plainly inference is management.
 */
export function planeOf(pattern: string, surface: Surface): Plane {
  const isInference = pattern.startsWith('/v1/') || pattern === '/tokenize' || pattern === '/detokenize';
  return isInference || (pattern === '/health' && surface !== 'management') ? 'inference' : 'management';
}
