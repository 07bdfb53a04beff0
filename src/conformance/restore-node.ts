import { upBody } from './inference-rules.ts';
import { NodeUnderTest, type ServiceState } from './node-under-test.ts';

/**
 * Brings the node back to the service in which it was found, as far as that can be done from outside: inference with
 * the model of this run, else STOPPED. A PoC that was interrupted cannot be taken up again. Never throws: whoever
 * checks a broken node wants the list of rules, not a second failure.
 */
export async function restoreNode(checked: NodeUnderTest, found: ServiceState | null): Promise<void> {
  // The check may have been abandoned; what it changed is put right all the same.
  const signal = AbortSignal.timeout(checked.options.waitMs);
  const node = new NodeUnderTest({ ...checked.options, signal });
  Object.assign(node.memory, checked.memory);
  try {
    if (node.memory.pocV2Init !== null) await node.work('/api/v1/inference/pow/stop', {});
    const now = await node.state();
    const wanted = found === 'INFERENCE' ? 'INFERENCE' : 'STOPPED';
    if (now === wanted) return;
    if (now !== 'STOPPED') await node.work('/api/v1/stop');
    if (wanted === 'INFERENCE') await node.work('/api/v1/inference/up', upBody(node));
  } catch {
    return;
  }
}
