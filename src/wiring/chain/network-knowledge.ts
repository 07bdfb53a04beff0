import type { Chain, ChainHead } from '../../adapters/chain/interface.ts';
import type { GovernanceModels } from '../../adapters/chain/governance-models.ts';
import type { NetworkNode } from '../../adapters/network-node/interface.ts';
import { toFault } from '../../errors.ts';
import type { ConfirmationKnowledge } from '../../policy/rental-mode.ts';
import type { Clock } from '../../runtime/clock.ts';
import type { MetaTable } from '../../runtime/store.ts';
import type { Log } from '../log.ts';

/** Without an answer it is asked again after so long. */
const retryMs = 600_000;
const metaKey = 'network.knowledge';

/** What is known of the network beyond its head; durable, because a restart must plan at once. */
interface Known {
  readonly expectedPerEpoch: number | null;
  readonly isPocV2Enabled: boolean | null;
  readonly wasEventSeen: boolean;
  /** GPU memory that governance asks for our model, GB; absent in what older versions stored. */
  readonly modelVramGb?: number | null;
}

/** What the Network Node says of our node. */
export interface NodeStanding {
  /** It takes no part in the next PoC. */
  readonly isDisabled: boolean;
  /** It keeps serving inference through the next PoC and needs no machine. */
  readonly isPreserved: boolean;
}

export interface NetworkKnowledgeOptions {
  readonly chain: Pick<Chain, 'params'>;
  readonly networkNode: Pick<NetworkNode, 'nodes'>;
  readonly nodeId: string;
  /** Listed by governance, with what it needs. */
  readonly model?: string;
  /** @default nobody lists any */
  readonly governance?: GovernanceModels | undefined;
  readonly meta: Pick<MetaTable, 'get' | 'set'>;
  readonly clock: Clock;
  readonly log: Log;
  /** Something changed that a plan depends on. */
  onChange(): void;
}

/** Reads the chain's parameters and our node's standing once an epoch, and whenever they could not be read. */
export interface NetworkKnowledge {
  /** False until the first answers, or their absence. */
  readonly isSettled: boolean;
  readonly confirmation: ConfirmationKnowledge;
  readonly isPocV2Enabled: boolean | null;
  /** GPU memory of a machine that governance asks for our model, GB; null where it does not say. */
  readonly modelVramGb?: number | null;
  readonly node: NodeStanding;
  /** To be called with each head; `isNear` = renting is about to begin. */
  onHead(head: ChainHead, isNear: boolean): void;
  stop(): void;
}

export function createNetworkKnowledge(options: NetworkKnowledgeOptions): NetworkKnowledge {
  const { chain, networkNode, nodeId, meta, clock, log } = options;
  const ending = new AbortController();
  const stored = meta.get(metaKey);
  let known = (
    stored === undefined
      ? { expectedPerEpoch: null, isPocV2Enabled: null, wasEventSeen: false }
      : JSON.parse(stored)
  ) as Known;
  let node: NodeStanding = { isDisabled: false, isPreserved: false };
  let isSettled = stored !== undefined;
  let [asked, isComplete, askedAt] = ['', false, -Infinity];

  const note = (change: Partial<Known>): void => {
    const next = { ...known, ...change };
    if (JSON.stringify(next) === JSON.stringify(known)) return;
    known = next;
    meta.set(metaKey, JSON.stringify(known));
  };
  const read = async (): Promise<void> => {
    const { signal } = ending;
    const [params, nodes, models] = await Promise.allSettled([
      chain.params(signal),
      networkNode.nodes(signal),
      options.governance?.(signal) ?? Promise.resolve([]),
    ]);
    if (signal.aborted) return;
    isComplete = params.status === 'fulfilled' && nodes.status === 'fulfilled';
    if (params.status === 'fulfilled')
      note({
        expectedPerEpoch: params.value.expectedConfirmationsPerEpoch,
        isPocV2Enabled: params.value.isPocV2Enabled,
      });
    else log.debug({ fault: toFault(params.reason) }, 'chain.params_unknown');
    const listed =
      models.status === 'fulfilled' ? models.value.find(({ id }) => id === options.model) : undefined;
    if (listed !== undefined) note({ modelVramGb: listed.vramGb });
    if (nodes.status === 'fulfilled') {
      const own = nodes.value.find(({ definition }) => definition.id === nodeId);
      node = { isDisabled: own?.isEnabled === false, isPreserved: own?.isPreserved === true };
    }
    isSettled = true;
    options.onChange();
  };

  return {
    get isSettled() {
      return isSettled;
    },
    get confirmation() {
      return {
        expectedPerEpoch: known.expectedPerEpoch,
        adminExpectedPerEpoch: null,
        wasEventSeen: known.wasEventSeen,
      };
    },
    get isPocV2Enabled() {
      return known.isPocV2Enabled;
    },
    get modelVramGb() {
      return known.modelVramGb ?? null;
    },
    get node() {
      return node;
    },
    onHead: (head, isNear) => {
      if (head.isConfirmationPocActive && !known.wasEventSeen) note({ wasEventSeen: true });
      const now = clock.now();
      const occasion = `${head.latestEpochIndex}${isNear ? ' near' : ''}`;
      if (occasion === asked && (isComplete || now - askedAt < retryMs)) return;
      [asked, isComplete, askedAt] = [occasion, false, now];
      void read().catch((error: unknown) => {
        // The store took nothing: what was learnt is asked for again.
        isComplete = false;
        log.warn({ fault: toFault(error) }, 'network.knowledge_not_kept');
      });
    },
    stop: () => ending.abort(),
  };
}
