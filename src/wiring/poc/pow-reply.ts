import type { MlnodeAnswer, PowCall } from '../../adapters/mlnode/interface.ts';
import type { PowReply } from '../../server/mlnode-api/desk.ts';
import { isTaken, type Outcome } from './fan-out.ts';
import type { Log } from '../log.ts';

/** Silence is the only failure that the Network Node notices (docs/reference/protocol.md "HTTP client facts"). */
export const powReply = (answer: MlnodeAnswer | undefined): PowReply =>
  answer === undefined ? { kind: 'silence' } : { kind: 'answer', status: answer.status, body: answer.body };

/** As the real node answers without a controller (docs/reference/protocol.md "PoC v1 endpoints"). */
export function notRunning(call: PowCall): PowReply {
  const [status, body] =
    call === 'stop'
      ? [200, { status: 'OK', pow_status: 'PoW is not running' }]
      : [400, { detail: 'PoW is not running' }];
  return { kind: 'answer', status, body: JSON.stringify(body) };
}

/** Why a machine did not take a call, and whether it is worth asking again. */
export function missed(outcome: Outcome): { readonly standing: 'asked' | 'refused'; readonly why: string } {
  if ('answer' in outcome) return { standing: 'refused', why: `it answered ${outcome.answer.status}` };
  return { standing: 'asked', why: outcome.fault.message };
}

export function logMissed(log: Log, call: PowCall, outcome: Outcome): void {
  const { leaseId } = outcome;
  if ('fault' in outcome) log.warn({ leaseId, call, fault: outcome.fault }, 'pow.machine_unreachable');
  else if (!isTaken(outcome))
    log.warn({ leaseId, call, status: outcome.answer.status }, 'pow.machine_refused');
}
