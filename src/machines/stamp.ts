import type { Fault } from '../errors.ts';
import { unixMs, type UnixMs } from '../units.ts';

/** When the event happened. The runtime stamps every event that it applies; charts know no other clock. */
export function atOf(event: unknown): UnixMs {
  return unixMs((event as { readonly at?: number }).at ?? 0);
}

/** The failure of an invoke, as the runtime hands it to `onError`. */
export function faultOf(event: unknown): Fault {
  return (event as { readonly error: Fault }).error;
}
