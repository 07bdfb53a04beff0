import type { Mlnode } from '../../adapters/mlnode/interface.ts';
import type { ReverseReceiver } from '../../adapters/ssh/interface.ts';
import { generatedBatch, validatedBatch } from '../../conformance/callback-shapes.ts';
import { powInitTo } from '../../conformance/pow-v1-bodies.ts';
import type { PocVersion } from '../../policy/poc-version.ts';
import type { Clock } from '../../runtime/clock.ts';
import { awaited, expectTaken, rehearsedReceiver } from './receiver.ts';

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
  readonly version: PocVersion;
  /** Of v2: artifacts, one a nonce. */
  readonly nonces: number;
  /** Between the first batch and the end of the count. */
  readonly noncesPerMinute: number;
  readonly batches: number;
  /** Of one of its own batches, given back to be checked. */
  readonly isValidated: boolean;
}

/** The model of v1 is loaded at init; a cold one takes minutes. */
export const firstNonceLimitMs = 15 * 60_000;
export const validatedLimitMs = 5 * 60_000;

/**
 * A PoC v1 as the Network Node would drive it, against a receiver of our own: the chain never hears of it.
 * Throws MLNODE_REFUSED, MLNODE_BAD_ANSWER, MLNODE_UNREACHABLE, WIRE_TIMEOUT, ABORTED.
 */
export async function rehearsePoc(options: RehearsedPocOptions): Promise<RehearsedPoc> {
  const { mlnode, signal, onStep } = options;
  const init = powInitTo(`http://127.0.0.1:${options.callbackPort}`);
  const receiver = rehearsedReceiver(init, {
    generated: (body) => generatedBatch.parse(body),
    nonces: (batch) => batch.nonces,
    validated: (body) => validatedBatch.parse(body),
  });
  options.receive(receiver.receive);
  const call = async (name: Parameters<Mlnode['pow']>[0], body: object): Promise<void> =>
    expectTaken(`pow/${name}`, await mlnode.pow(name, JSON.stringify(body), signal));
  if ((await mlnode.state(signal)) !== 'STOPPED') await mlnode.stop(signal);
  await call('init/generate', init);
  onStep('initialised');
  const counted = await countedNonces(() => receiver.generated.map(({ nonces }) => nonces.length), options);
  const [first] = receiver.generated;
  await call('init/validate', init);
  // As another host's batch would come: with the number of the node that computed it left out of sight.
  await call('validate', { ...first, node_id: 0 });
  const verdict = await awaited(
    () => receiver.validated[0],
    'a verdict on its own batch',
    validatedLimitMs,
    options,
  );
  onStep('validated');
  await mlnode.stop(signal);
  onStep('stopped');
  receiver.expectWell();
  return { version: 'v1', ...counted, isValidated: !verdict.fraud_detected };
}

/** Waits for the first batch and counts on from there. `batches`: how many nonces each has that has come. */
export async function countedNonces(
  batches: () => readonly number[],
  options: Pick<RehearsedPocOptions, 'clock' | 'generationMs' | 'onStep' | 'signal'>,
): Promise<Pick<RehearsedPoc, 'nonces' | 'noncesPerMinute' | 'batches'>> {
  const { clock, signal, onStep } = options;
  const first = await awaited(() => batches()[0], 'the first nonces', firstNonceLimitMs, options);
  const firstAt = clock.now();
  onStep('firstNonce');
  await clock.sleep(options.generationMs, signal);
  const minutes = (clock.now() - firstAt) / 60_000;
  const nonces = batches().reduce((sum, count) => sum + count, 0);
  onStep('generated');
  // The clock began when the first batch was there.
  const perMinute = Math.round(((nonces - first) / minutes) * 10) / 10;
  return { nonces, noncesPerMinute: perMinute, batches: batches().length };
}
