import {
  parseCapabilities,
  probeCapabilities,
  type UpstreamCapabilities,
} from '../../adapters/upstream/capabilities.ts';
import type { Upstream } from '../../adapters/upstream/interface.ts';
import { toFault } from '../../errors.ts';
import type { MetaTable } from '../../runtime/store.ts';
import type { Log } from '../log.ts';

/** What was found out about back ends, each model once; kept over restarts, because asking costs tokens. */
export interface KnownCapabilities {
  of(backEnd: string, model: string): UpstreamCapabilities | undefined;
  /** Asks unless the answer is known. Never rejects: what could not be settled is asked at the next occasion. */
  find(upstream: Upstream, baseUrl: string, model: string, signal: AbortSignal): Promise<void>;
}

export function createKnownCapabilities(meta: MetaTable, isProbing: boolean, log: Log): KnownCapabilities {
  const known = new Map<string, UpstreamCapabilities>();
  const running = new Set<string>();
  const nameOf = (backEnd: string, model: string): string => `${backEnd} ${model}`;
  return {
    of: (backEnd, model) => known.get(nameOf(backEnd, model)),
    find: async (upstream, baseUrl, model, signal) => {
      const name = nameOf(upstream.name, model);
      if (known.has(name) || running.has(name)) return;
      const key = `upstream.capabilities ${baseUrl} ${model}`;
      const stored = parseCapabilities(meta.get(key) ?? '');
      if (stored !== undefined) {
        known.set(name, stored);
        return;
      }
      if (!isProbing) return;
      running.add(name);
      try {
        const found = await probeCapabilities(upstream, model, signal);
        known.set(name, found);
        meta.set(key, JSON.stringify(found));
        log.info({ upstream: upstream.name, ...found }, 'upstream.capabilities_found');
      } catch (error) {
        if (!signal.aborted)
          log.warn({ upstream: upstream.name, fault: toFault(error) }, 'upstream.probe_failed');
      } finally {
        running.delete(name);
      }
    },
  };
}
