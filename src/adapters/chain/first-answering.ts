import { HybridError } from '../../errors.ts';
import type { Chain, ChainHead, ChainParams } from './interface.ts';

/**
 * Several sources as one: asks the one that answered last, then the others in their order. When none answers, throws
 * the first source's error (CHAIN_UNREACHABLE, CHAIN_BAD_ANSWER). Throws CONFIG_INVALID without a source.
 */
export function firstAnswering(sources: readonly Chain[]): Chain {
  const [first] = sources;
  if (first === undefined)
    throw new HybridError({ code: 'CONFIG_INVALID', message: 'no chain source is set' });
  let preferred = first;
  return {
    head: async (signal): Promise<ChainHead> => {
      const errors = new Map<Chain, unknown>();
      for (const source of [preferred, ...sources.filter((other) => other !== preferred)]) {
        try {
          const head = await source.head(signal);
          preferred = source;
          return head;
        } catch (error) {
          if (signal.aborted) throw error;
          errors.set(source, error);
        }
      }
      throw errors.get(first);
    },
    knowsAccount: async (address, signal): Promise<boolean> => {
      const errors = new Map<Chain, unknown>();
      for (const source of sources) {
        try {
          // One that lags or has a gap is no proof of absence, so the others are asked too.
          if (await source.knowsAccount(address, signal)) return true;
        } catch (error) {
          if (signal.aborted) throw error;
          errors.set(source, error);
        }
      }
      if (errors.size < sources.length) return false;
      throw errors.get(first);
    },
    params: async (signal): Promise<ChainParams> => {
      const errors = new Map<Chain, unknown>();
      for (const source of [preferred, ...sources.filter((other) => other !== preferred)]) {
        try {
          return await source.params(signal);
        } catch (error) {
          if (signal.aborted) throw error;
          errors.set(source, error);
        }
      }
      throw errors.get(first);
    },
  };
}
