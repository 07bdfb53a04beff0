import { createGovernanceModels } from '../adapters/chain/governance-models.ts';
import { createHttpChainOfSources } from './chain/http-chain-sources.ts';
import { createHttpMlnode } from '../adapters/mlnode/index.ts';
import { createNetworkNode } from '../adapters/network-node/index.ts';
import { createOfetchTransport } from '../adapters/ofetch-transport.ts';
import { createSsh, type Ssh } from '../adapters/ssh/index.ts';
import { createHyperbolicUpstream, createOpenAiUpstream } from '../adapters/upstream/index.ts';
import { createHttpVast } from '../adapters/vast/index.ts';
import type { Config } from '../config/config.ts';
import { HybridError } from '../errors.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Neighbours } from './neighbours.ts';

/** The neighbours over the wire. Throws SSH_KEY_UNREADABLE when the policy rents and the key is no key. */
export function createHttpNeighbours(config: Config, clock: Clock): Neighbours {
  const transport = createOfetchTransport();
  const backEnds = config.backEnds.map(({ api, name, baseUrl, apiKey: key }) => {
    const create = api === 'hyperbolic' ? createHyperbolicUpstream : createOpenAiUpstream;
    return create({ name, baseUrl, key, limits: config.upstreamLimits });
  });
  return {
    chain: createHttpChainOfSources(config.chain, () => clock.now()),
    governance: createGovernanceModels({
      urls: config.chain.urls,
      transport,
      timeoutMs: config.chain.timeoutMs,
    }),
    vast: createHttpVast({ baseUrl: config.vast.baseUrl, apiKey: config.vast.apiKey, transport, clock }),
    ssh: config.rental.policy === 'off' ? noSsh : createSsh({ keyPath: config.vast.sshKeyPath }),
    networkNode: createNetworkNode({ adminUrl: config.networkNode.adminUrl }),
    backEnds,
    mlnode: (wire) => createHttpMlnode({ baseUrl: `http://127.0.0.1:${config.mlnodePort}`, transport: wire }),
  };
}

const refuse = (): never => {
  throw new HybridError({
    code: 'CONFIG_INVALID',
    message: 'RENTAL_POLICY=off rents nothing, so there is no SSH',
  });
};
const noSsh: Ssh = { publicKey: refuse, connect: refuse };
