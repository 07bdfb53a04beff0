import type { ReverseReceiver } from '../../adapters/ssh/interface.ts';
import { expectAsAsked, expectInClass } from '../../conformance/awaited-callback.ts';
import { HybridError } from '../../errors.ts';
import type { Clock } from '../../runtime/clock.ts';

const lookPauseMs = 1_000;

/** What every callback repeats of its init. */
interface Asked {
  readonly block_hash: string;
  readonly block_height: number;
  readonly public_key: string;
  readonly node_id: number;
}

/** Takes what a machine posts in a rehearsal, and passes nothing on. */
export interface RehearsedReceiver<Generated, Validated> {
  readonly generated: readonly Generated[];
  readonly validated: readonly Validated[];
  readonly receive: ReverseReceiver;
  /** Throws MLNODE_BAD_ANSWER when any callback was wrong. */
  expectWell(): void;
}

export function rehearsedReceiver<Generated extends Asked, Validated>(
  init: Asked & { readonly node_count: number },
  shapes: {
    generated(body: unknown): Generated;
    nonces(batch: Generated): readonly number[];
    validated(body: unknown): Validated;
  },
): RehearsedReceiver<Generated, Validated> {
  const generated: Generated[] = [];
  const validated: Validated[] = [];
  let fault: string | undefined;
  return {
    generated,
    validated,
    receive: (request) => {
      try {
        const body: unknown = JSON.parse(request.body.toString('utf8'));
        if (request.path.endsWith('/generated')) {
          const batch = shapes.generated(body);
          expectAsAsked<Asked>(batch, init);
          expectInClass(shapes.nonces(batch), init);
          generated.push(batch);
        } else validated.push(shapes.validated(body));
        return Promise.resolve({ status: 200, body: '' });
      } catch (error) {
        fault ??= `a callback to ${request.path} is wrong: ${(error as Error).message.slice(0, 300)}`;
        return Promise.resolve({ status: 400, body: '' });
      }
    },
    expectWell: () => {
      if (fault !== undefined) throw new HybridError({ code: 'MLNODE_BAD_ANSWER', message: fault });
    },
  };
}

/** The first thing that is there. Throws WIRE_TIMEOUT after so many milliseconds of the clock. */
export async function awaited<Thing>(
  look: () => Thing | undefined,
  what: string,
  limitMs: number,
  { clock, signal }: { readonly clock: Clock; readonly signal: AbortSignal },
): Promise<Thing> {
  for (const untilAt = clock.now() + limitMs; ; ) {
    const thing = look();
    if (thing !== undefined) return thing;
    if (clock.now() > untilAt)
      throw new HybridError({ code: 'WIRE_TIMEOUT', message: `${what} did not come` });
    await clock.sleep(lookPauseMs, signal);
  }
}

/** Throws MLNODE_REFUSED for any answer but 200. */
export function expectTaken(call: string, answer: { readonly status: number; readonly body: string }): void {
  if (answer.status === 200) return;
  const message = `the ML node answers ${answer.status} to ${call}: ${answer.body.slice(0, 300)}`;
  throw new HybridError({ code: 'MLNODE_REFUSED', message });
}
