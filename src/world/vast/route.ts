import type { Throttled } from './throttle.ts';

export type RouteName =
  | 'user'
  | 'charges'
  | 'listKeys'
  | 'addKey'
  | 'search'
  | 'create'
  | 'list'
  | 'show'
  | 'change'
  | 'destroy'
  | 'attachKey';

export interface Route {
  readonly name: RouteName;
  /** Offer or instance id of the path; 0 when it has none. */
  readonly id: number;
  readonly throttle: Throttled | undefined;
  /** Some endpoints answer a bad key with 404, which must not be read as "gone". */
  readonly badKeyStatus: 401 | 404;
}

interface Pattern {
  readonly method: string;
  readonly path: RegExp;
  readonly name: RouteName;
  readonly throttle?: Throttled;
  readonly badKeyStatus?: 404;
}

/** Trailing slashes are part of the paths. */
const patterns: readonly Pattern[] = [
  { method: 'GET', path: /^\/api\/v0\/users\/current\/$/, name: 'user' },
  { method: 'GET', path: /^\/api\/v0\/charges\/$/, name: 'charges', badKeyStatus: 404 },
  { method: 'GET', path: /^\/api\/v0\/ssh\/$/, name: 'listKeys' },
  { method: 'POST', path: /^\/api\/v0\/ssh\/$/, name: 'addKey', throttle: 'addKey' },
  { method: 'POST', path: /^\/api\/v0\/bundles\/$/, name: 'search', throttle: 'search', badKeyStatus: 404 },
  { method: 'PUT', path: /^\/api\/v0\/asks\/(\d+)\/$/, name: 'create', throttle: 'create' },
  { method: 'GET', path: /^\/api\/v1\/instances\/$/, name: 'list', throttle: 'list' },
  {
    method: 'GET',
    path: /^\/api\/v0\/instances\/(\d+)\/$/,
    name: 'show',
    throttle: 'show',
    badKeyStatus: 404,
  },
  { method: 'PUT', path: /^\/api\/v0\/instances\/(\d+)\/$/, name: 'change', throttle: 'change' },
  {
    method: 'DELETE',
    path: /^\/api\/v0\/instances\/(\d+)\/$/,
    name: 'destroy',
    throttle: 'destroy',
    badKeyStatus: 404,
  },
  { method: 'POST', path: /^\/api\/v0\/instances\/(\d+)\/ssh\/$/, name: 'attachKey' },
];

/** The endpoint behind a method and a path; undefined = there is none. */
export function routeOf(method: string, pathname: string): Route | undefined {
  for (const pattern of patterns) {
    const match = pattern.method === method ? pattern.path.exec(pathname) : null;
    if (!match) continue;
    return {
      name: pattern.name,
      id: Number(match[1] ?? 0),
      throttle: pattern.throttle,
      badKeyStatus: pattern.badKeyStatus ?? 401,
    };
  }
  return undefined;
}
