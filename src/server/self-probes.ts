import { randomUUID } from 'node:crypto';
import type { FastifyInstance } from 'fastify';

/** Carries the number of a request that this daemon sent to itself. Never answered, never passed on. */
export const selfProbeHeader = 'x-hybrid-self-probe';

/** One request to ourselves. */
interface SelfProbe {
  /** Value of the header. */
  readonly number: string;
  /** Whether a listener of this process has seen it. */
  hasArrived(): boolean;
  close(): void;
}

/**
 * How the daemon recognises itself from outside: it sends a random number to an address and looks whether that number
 * came in at one of its own listeners. The answer stays byte for byte that of the real ML node, and a stranger at that
 * address, be it another daemon of this kind, cannot pass for us.
 */
export interface SelfProbes {
  open(): SelfProbe;
  /** A listener saw that number. */
  arrived(number: string): void;
}

export function createSelfProbes(): SelfProbes {
  const awaited = new Map<string, boolean>();
  return {
    open: () => {
      const number = randomUUID();
      awaited.set(number, false);
      return {
        number,
        hasArrived: () => awaited.get(number) === true,
        close: () => void awaited.delete(number),
      };
    },
    arrived: (number) => {
      if (awaited.has(number)) awaited.set(number, true);
    },
  };
}

/** Must come before whatever may refuse a request: our own address need not be one that may call. */
export function noteSelfProbes(app: FastifyInstance, probes: SelfProbes): void {
  app.addHook('onRequest', (request, _reply, next) => {
    const number = request.headers[selfProbeHeader];
    if (typeof number === 'string') probes.arrived(number);
    next();
  });
}
