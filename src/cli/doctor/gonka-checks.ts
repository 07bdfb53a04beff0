import { createChain } from '../../adapters/chain/index.ts';
import { createNetworkNode } from '../../adapters/network-node/index.ts';
import { createRawPathTransport } from '../../adapters/raw-path-transport.ts';
import { HybridError, toFault } from '../../errors.ts';
import { compare, nodeDefinition } from '../../wiring/registration/registration-effects.ts';
import { isStale } from '../stale-node.ts';
import { type Check, error, failed, type Finding, ok, warning } from './finding.ts';

/** A source that is so many blocks behind the best one has stopped, or lies. */
const lagBlocksMax = 20;

/** Each source by itself: the daemon needs one, an operator wants to know of all. */
export const chainCheck: Check = async ({ config, clock, signal }) => {
  const { urls, timeoutMs } = config.chain;
  const heads = await Promise.all(
    urls.map(async (baseUrl) => {
      try {
        return {
          baseUrl,
          head: await createChain({ baseUrl, timeoutMs, now: () => clock.now() }).head(signal),
        };
      } catch (thrown) {
        return { baseUrl, thrown };
      }
    }),
  );
  const best = Math.max(0, ...heads.map(({ head }) => head?.height ?? 0));
  const findings = heads.map(({ baseUrl, head, thrown }): Finding => {
    if (head === undefined) {
      const { code, message } = toFault(thrown);
      const why = `${baseUrl}: ${code}: ${message}`;
      const fix = 'take a source that answers into GONKA_NETWORK_NODE_URL';
      return best === 0 ? error('chain', why, fix) : warning('chain', why, fix);
    }
    const behind = best - head.height;
    if (behind > lagBlocksMax)
      return warning(
        'chain',
        `${baseUrl} is ${behind} blocks behind`,
        'remove it from GONKA_NETWORK_NODE_URL',
      );
    return ok(
      'chain',
      `${baseUrl} is at height ${head.height}, epoch ${head.latestEpochIndex}, ${head.phase}`,
    );
  });
  return findings;
};

/** The admin API, and what it knows of us. */
export const adminCheck: Check = async ({ config, isDaemonUp, signal }) => {
  const { adminUrl } = config.networkNode;
  const wanted = nodeDefinition(config);
  try {
    const nodes = await createNetworkNode({ adminUrl }).nodes(signal);
    const { isListed, differences, nodeNum } = compare(wanted, nodes);
    const found: Finding[] = [ok('admin', `the admin API at ${adminUrl} answers, ${nodes.length} nodes`)];
    if (config.registration === 'on') {
      if (!isListed && isDaemonUp)
        found.push(
          warning('registration', `${wanted.id} is not registered`, 'see "hybrid-mlnode status" for why'),
        );
      else if (!isListed) found.push(ok('registration', `${wanted.id} will be registered by the daemon`));
      else if (differences.length > 0)
        found.push(
          warning(
            'registration',
            `${wanted.id} differs in ${differences.join(', ')}`,
            'the daemon corrects it, or "nodes register"',
          ),
        );
      else found.push(ok('registration', `${wanted.id} is registered as wanted, with number ${nodeNum}`));
    }
    const stale = nodes.filter((node) => isStale(node, wanted)).map(({ definition }) => definition.id);
    if (stale.length > 0)
      found.push(
        warning(
          'registration',
          `remnants of earlier tools: ${stale.join(', ')}`,
          '"hybrid-mlnode nodes clean" removes them',
        ),
      );
    return found;
  } catch (thrown) {
    return [failed('admin', thrown, 'start the Network Node, or correct GONKA_ADMIN_API_URL (port 9200)')];
  }
};

const callbackTimeoutMs = 5_000;
/** No JSON, so that it can never be taken for a batch; a Network Node refuses it with 400, an idle one with 503. */
const probe = 'hybrid-mlnode doctor: is anybody there?';

/** Whether callbacks would arrive: a post that is refused at the other end has found its way. */
export const callbackCheck: Check = async ({ config, signal }) => {
  const { callbackUrl, adminUrl } = config.networkNode;
  const origin = callbackUrl ?? `http://${new URL(adminUrl).hostname}:9100`;
  const url = `${origin}/v1/poc-batches/generated`;
  const headers = { 'content-type': 'application/json' };
  const request = {
    method: 'POST',
    url,
    headers,
    body: probe,
    timeoutMs: callbackTimeoutMs,
    signal,
  } as const;
  try {
    const { status } = await createRawPathTransport()(request);
    if (status === 400 || status === 503) return [ok('callback', `${origin} takes callbacks`)];
    return [
      error(
        'callback',
        `${origin} answers ${status}, not as the callback port of a Network Node`,
        'set GONKA_CALLBACK_URL to the origin of its port 9100 as this host reaches it',
      ),
    ];
  } catch (thrown) {
    if (!(thrown instanceof HybridError)) throw thrown;
    const message = `${origin}: ${thrown.code}: ${thrown.message}`;
    if (callbackUrl !== undefined)
      return [
        error('callback', message, 'open port 9100 of the Network Node to this host, and to nobody else'),
      ];
    return [
      warning(
        'callback',
        `${message}; each PoC call brings its own address, so this is a guess`,
        'set GONKA_CALLBACK_URL to the origin of port 9100 as this host reaches it',
      ),
    ];
  }
};
