import type { Chain } from '../../adapters/chain/interface.ts';
import type { ParticipantInput } from '../../machines/participant.ts';
import type { Effects } from '../../runtime/interface.ts';
import type { Log } from '../log.ts';

/** The question behind the participant chart. */
export const createParticipantEffects = (chain: Chain, log: Log): Effects => ({
  askForAccount: async ({ input, signal }) => {
    const { address } = input as ParticipantInput;
    const isKnown = await chain.knowsAccount(address, signal);
    if (!isKnown) log.warn({ address }, 'participant.missing');
    return isKnown;
  },
});
