import type { z } from 'zod';
import type { Mlnode } from '../../adapters/mlnode/interface.ts';
import type { ReverseReceiver } from '../../adapters/ssh/interface.ts';
import { expectAsAsked, expectInClass } from '../../conformance/awaited-callback.ts';
import { generatedBatch, validatedBatch } from '../../conformance/callback-shapes.ts';
import { type PowInit, powInitTo } from '../../conformance/pow-v1-bodies.ts';
import { HybridError } from '../../errors.ts';
import type { Clock } from '../../runtime/clock.ts';

export interface RehearsedPocOptions {
  readonly mlnode: Mlnode;
  /** Port on the machine's own loopback behind which the receiver is. */
  readonly callbackPort: number;
  readonly clock: Clock;
  /** How long nonces are counted, milliseconds of that clock. */
  readonly generationMs: number;
  receive(receiver: ReverseReceiver): void;
  /** Called with each step that is over: its name. */
  readonly onStep: (name: RehearsedStep) => void;
  readonly signal: AbortSignal;
}

export type RehearsedStep = 'initialised' | 'firstNonce' | 'generated' | 'validated' | 'stopped';

export interface RehearsedPoc {
  readonly nonces: number;
  /** Between the first batch and the end of the count. */
  readonly noncesPerMinute: number;
  readonly batches: number;
  /** Of one of its own batches, given back to be checked. */
  readonly isValidated: boolean;
}

/** The model is loaded at init; a cold one takes minutes. */
const firstNonceLimitMs = 15 * 60_000;
const validatedLimitMs = 5 * 60_000;
const lookPauseMs = 1_000;

type Generated = z.infer<typeof generatedBatch>;

/**
 * A PoC v1 as the Network Node would drive it, against a receiver of our own: the chain never hears of it.
 * Throws MLNODE_REFUSED, MLNODE_BAD_ANSWER, MLNODE_UNREACHABLE, WIRE_TIMEOUT, ABORTED.
 */
export async function rehearsePoc(options: RehearsedPocOptions): Promise<RehearsedPoc> {
  const { mlnode, clock, signal, onStep } = options;
  const init = powInitTo(`http://127.0.0.1:${options.callbackPort}`);
  const desk = createDesk(init);
  options.receive(desk.receiver);
  if ((await mlnode.state(signal)) !== 'STOPPED') await mlnode.stop(signal);
  await taken(mlnode, 'init/generate', JSON.stringify(init), signal);
  onStep('initialised');
  const first = await until(() => desk.generated[0], 'the first nonces', firstNonceLimitMs, options);
  const firstAt = clock.now();
  onStep('firstNonce');
  await clock.sleep(options.generationMs, signal);
  const minutes = (clock.now() - firstAt) / 60_000;
  const nonces = desk.generated.reduce((sum, batch) => sum + batch.nonces.length, 0);
  // The clock began when the first batch was there.
  const counted = nonces - first.nonces.length;
  onStep('generated');
  await taken(mlnode, 'init/validate', JSON.stringify(init), signal);
  // As another host's batch would come: with the number of the node that computed it left out of sight.
  await taken(mlnode, 'validate', JSON.stringify({ ...first, node_id: 0 }), signal);
  const verdict = await until(
    () => desk.validated[0],
    'a verdict on its own batch',
    validatedLimitMs,
    options,
  );
  onStep('validated');
  await mlnode.stop(signal);
  onStep('stopped');
  if (desk.fault !== undefined) throw bad(desk.fault);
  return {
    nonces,
    noncesPerMinute: Math.round((counted / minutes) * 10) / 10,
    batches: desk.generated.length,
    isValidated: !verdict.fraud_detected,
  };
}

/** Takes what was asked for and remembers what was wrong with the rest. */
function createDesk(init: PowInit) {
  const desk = {
    generated: [] as Generated[],
    validated: [] as z.infer<typeof validatedBatch>[],
    fault: undefined as string | undefined,
    receiver: (request: { path: string; body: Buffer }): Promise<{ status: number; body: string }> => {
      try {
        const body: unknown = JSON.parse(request.body.toString('utf8'));
        if (request.path.endsWith('/generated'))
          desk.generated.push(checked(init, generatedBatch.parse(body)));
        else desk.validated.push(validatedBatch.parse(body));
        return Promise.resolve({ status: 200, body: '' });
      } catch (error) {
        desk.fault ??= `a callback to ${request.path} is wrong: ${(error as Error).message.slice(0, 300)}`;
        return Promise.resolve({ status: 400, body: '' });
      }
    },
  };
  return desk;
}

function checked(init: PowInit, batch: Generated): Generated {
  expectAsAsked<Pick<PowInit, 'block_hash' | 'block_height' | 'public_key' | 'node_id'>>(batch, init);
  expectInClass(batch.nonces, init);
  return batch;
}

async function taken(
  mlnode: Mlnode,
  call: Parameters<Mlnode['pow']>[0],
  body: string,
  signal: AbortSignal,
): Promise<void> {
  const answer = await mlnode.pow(call, body, signal);
  if (answer.status !== 200) {
    const message = `the ML node answers ${answer.status} to pow/${call}: ${answer.body.slice(0, 300)}`;
    throw new HybridError({ code: 'MLNODE_REFUSED', message });
  }
}

async function until<Thing>(
  look: () => Thing | undefined,
  what: string,
  limitMs: number,
  { clock, signal }: Pick<RehearsedPocOptions, 'clock' | 'signal'>,
): Promise<Thing> {
  for (const untilAt = clock.now() + limitMs; ; ) {
    const thing = look();
    if (thing !== undefined) return thing;
    if (clock.now() > untilAt)
      throw new HybridError({ code: 'WIRE_TIMEOUT', message: `${what} did not come` });
    await clock.sleep(lookPauseMs, signal);
  }
}

const bad = (message: string): HybridError => new HybridError({ code: 'MLNODE_BAD_ANSWER', message });
