import type { EpochSummary, LeaseSummary, State } from '../live/model.ts';
import { count, shortId } from './format.ts';
import { stateWords } from './state-words.ts';

/** What goes on, in one sentence that needs no knowledge of the program. */
export function nowSentence(
  state: State,
  epoch: EpochSummary | undefined,
  lease: LeaseSummary | undefined,
): string {
  if (state.chain === null) return 'Waiting for the first word from the chain.';
  if (epoch === undefined) return 'Nothing is planned: this host rents no machines.';
  const poc = `PoC ${epoch.epochIndex}`;
  const blocks = Math.max(0, pocStart(epoch) - state.chain.height);
  const far = `${count(blocks)} block${blocks === 1 ? '' : 's'}`;
  const machine = lease === undefined ? 'A machine' : `${lease.gpuCount} × ${lease.gpuName}`;
  const [top] = epoch.state.split('.');
  switch (top) {
    case 'planned':
    case 'idle':
      return `Nothing to do: ${poc} is ${far} away.`;
    case 'approaching':
      return `${poc} comes near: ${far} to go.`;
    case 'renting':
      return epoch.state.endsWith('waitingForPerson')
        ? `No machine for ${poc}: a person is needed.`
        : `Looking for a machine for ${poc}, ${far} before it begins.`;
    case 'booting':
      return `${machine} is coming up for ${poc} (${stateWords('lease', lease?.state ?? '').title.toLowerCase()}).`;
    case 'ready':
      return `${machine} stands ready; ${poc} begins in ${far}.`;
    case 'generating':
      return `${poc} runs: ${machine} computes nonces.`;
    case 'validating':
      return `${poc} runs: ${machine} checks other hosts’ nonces.`;
    case 'holding':
      return `${poc} is done; ${machine} stays for confirmation PoC.`;
    case 'replacing':
      return `The machine of ${poc} was lost; another one is being rented.`;
    case 'releasing':
      return `${poc} is over; ${lease === undefined ? 'the books are being closed' : `machine ${shortId(lease.leaseId)} is going back`}.`;
    default:
      return `${poc}: ${stateWords('epoch', epoch.state).title.toLowerCase()}.`;
  }
}

function pocStart(epoch: EpochSummary): number {
  return (epoch.plan as { pocStartHeight?: number } | null)?.pocStartHeight ?? 0;
}
