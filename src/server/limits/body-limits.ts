import type { Plane } from '../access/plane.ts';

const kibibyte = 1024;
const mebibyte = 1024 * kibibyte;

/** PoC batches and artifacts grow with the work; the real ML node has no limit at all. */
const pocBytes = 32 * mebibyte;
/** Everything else that the Network Node posts is far below a kilobyte; `inference/up` carries arguments. */
const managementBytes = 256 * kibibyte;

/** Largest body of a route, by its pattern. More is answered 413 before it is kept. */
export function bodyBytesMax(pattern: string, plane: Plane, inferenceBytesMax: number): number {
  if (plane === 'inference') return inferenceBytesMax;
  return /^\/api\/v1\/(inference\/)?pow\//.test(pattern) ? pocBytes : managementBytes;
}
