import type { FastifyInstance, FastifyRequest } from 'fastify';

/** Methods by path pattern, of all routes that are added from now on. */
export interface ServedMethods {
  /** What may be asked of the request's path instead, in alphabetical order; empty when the path is unknown. */
  of(request: FastifyRequest): readonly string[];
}

/**
 * Remembers routes so that a known path asked with another method is 405 and not 404, as FastAPI has it. Must be
 * called before the routes are added.
 */
export function servedMethods(app: FastifyInstance): ServedMethods {
  const byPath = new Map<string, Set<string>>();
  app.addHook('onRoute', ({ url, method }) => {
    const methods = byPath.get(url) ?? new Set<string>();
    for (const each of [method].flat()) methods.add(each);
    byPath.set(url, methods);
  });
  return {
    of: (request) => {
      const [path = ''] = request.url.split('?');
      const own = byPath.get(path);
      if (own) return [...own].toSorted();
      for (const [pattern, methods] of byPath) {
        if (isMatch(pattern, path)) return [...methods].toSorted();
      }
      return [];
    },
  };
}

/** Patterns have parameters only as their last segment. */
function isMatch(pattern: string, path: string): boolean {
  const at = pattern.indexOf('/:');
  return at !== -1 && path.startsWith(pattern.slice(0, at + 1)) && !path.slice(at + 1).includes('/');
}
