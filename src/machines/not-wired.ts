import { fromPromise } from 'xstate';
import { HybridError } from '../errors.ts';

/**
 * An actor's name and types without its work. The runtime never starts XState actors: it reads an invoke's name and
 * input from the pure transition and runs the effect of that name, so this body is reached only by a mistake.
 */
export const notWired = <Output, Input>(name: string) =>
  fromPromise<Output, Input>(() =>
    Promise.reject(
      new HybridError({ code: 'STORE_BROKEN', message: `actor "${name}" ran outside the runtime` }),
    ),
  );
