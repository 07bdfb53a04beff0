import { uvicornArguments, type UvicornArguments } from './uvicorn-arguments.ts';

export interface OnstartOutline {
  /** Where the server listens that the text starts; undefined = it starts none. */
  readonly server: UvicornArguments | undefined;
  /**
   * World milliseconds until the text destroys its own instance, and between further tries. `isRenewable`: the time
   * begins anew with every pulse that somebody leaves on the machine.
   */
  readonly selfDestroy:
    | { readonly afterMs: number; readonly retryMs: number; readonly isRenewable: boolean }
    | undefined;
}

/**
 * What an `onstart` text comes to, read without a shell, for the simulation: the `uvicorn` that it starts and a sleep
 * (or a loop of sleeps that compares a pulse's age with a limit) that ends in a DELETE. Variables of `env` and of plain `NAME=value` lines are filled in. The sandbox runs the text.
 */
export function onstartOutline(onstart: string, env: Readonly<Record<string, string>>): OnstartOutline {
  const variables = new Map(Object.entries(env));
  for (const [, name = '', value = ''] of onstart.matchAll(
    /^\s*(?:export\s+)?([A-Z_]\w*)=["']?([\w./:-]*)["']?\s*$/gim,
  )) {
    variables.set(name, value);
  }
  const text = onstart.replace(
    /\$\{?([A-Za-z_]\w*)\}?/g,
    (whole, name: string) => variables.get(name) ?? whole,
  );
  const command = /(?:^|[\s/;&])uvicorn\s+([^\n;&|>]*)/.exec(text)?.[1];
  const words = command?.trim().replaceAll(/["']/g, '').split(/\s+/);
  return { server: words && uvicornArguments(words), selfDestroy: selfDestruction(text) };
}

function selfDestruction(text: string): OnstartOutline['selfDestroy'] {
  if (!/\bDELETE\b/.test(text)) return undefined;
  const [first, second] = [...text.matchAll(/\bsleep\s+(\d+(?:\.\d+)?)/g)].map(
    (match) => Number(match[1]) * 1000,
  );
  if (first === undefined) return undefined;
  const retryMs = second ?? 60_000;
  const limitSeconds = /\bpulse\b/.test(text) ? /-lt (\d+) \]/.exec(text)?.[1] : undefined;
  if (limitSeconds === undefined) return { afterMs: first, retryMs, isRenewable: false };
  // Seen over at the next look at the latest.
  return { afterMs: Number(limitSeconds) * 1000 + first, retryMs, isRenewable: true };
}
