import type { WorldClock } from '../clock.ts';
import { pause } from '../upstream/pause.ts';
import type { MlNodeClient } from './ml-node-client.ts';
import type { NodeRecord } from './node-record.ts';
import type { PocV2Job } from './poc-v2-bodies.ts';

interface Job {
  readonly publicKey: string;
  bodyFor(node: NodeRecord): PocV2Job;
}

export interface ValidationRunV2Options {
  readonly clock: WorldClock;
  /** Those that may validate now. */
  nodes(): readonly NodeRecord[];
  jobs(nodes: readonly NodeRecord[]): readonly Job[];
  client(node: NodeRecord): MlNodeClient;
  /** Aborted when the program ends. */
  readonly signal: AbortSignal;
  /** Whether the phase lasts. */
  isOpen(): boolean;
  onDue(publicKey: string): void;
  onRequested(publicKey: string): void;
}

const workers = 10;
const attempts = 25;
/** World milliseconds, and how often, while no node can validate. */
const nodeLook = { pauseMs: 5_000, times: 30 };
/** World milliseconds before the second attempt; each further pause is half as long again. */
const backOff = { firstMs: 3_000, factor: 1.5, mostMs: 45_000 };

/**
 * Validation of PoC v2: stops generation on every node, then posts each other participant's artifacts to one of them
 * in turn, ten at a time, again and again until it is taken or the phase ends.
 */
export async function runValidationV2(options: ValidationRunV2Options): Promise<void> {
  const jobs = options.jobs(options.nodes());
  for (const { publicKey } of jobs) options.onDue(publicKey);
  const nodes = await someNodes(options);
  if (nodes.length === 0) return;
  await Promise.all(nodes.map((node) => stopOf(options, node)));
  const queue = [...options.jobs(nodes)];
  let turn = 0;
  const work = async (): Promise<void> => {
    for (let job = queue.shift(); job !== undefined; job = queue.shift())
      if (await isTaken(options, job, () => nodes[turn++ % nodes.length])) options.onRequested(job.publicKey);
  };
  await Promise.all(Array.from({ length: workers }, work));
}

async function someNodes(options: ValidationRunV2Options): Promise<readonly NodeRecord[]> {
  for (let look = 0; look < nodeLook.times && options.isOpen(); look += 1) {
    const nodes = options.nodes();
    if (nodes.length > 0) return nodes;
    if (!(await pause(options.clock, nodeLook.pauseMs, options.signal))) return [];
  }
  return [];
}

/** Errors are only logged there. */
async function stopOf(options: ValidationRunV2Options, node: NodeRecord): Promise<void> {
  await options
    .client(node)
    .postForJson('/api/v1/inference/pow/stop', {}, options.signal)
    .catch(() => undefined);
}

async function isTaken(
  options: ValidationRunV2Options,
  job: Job,
  next: () => NodeRecord | undefined,
): Promise<boolean> {
  let pauseMs = backOff.firstMs;
  for (let attempt = 0; attempt < attempts && options.isOpen() && !options.signal.aborted; attempt += 1) {
    const node = next();
    if (node === undefined) return false;
    try {
      const client = options.client(node);
      await client.postForJson('/api/v1/inference/pow/generate', job.bodyFor(node), options.signal);
      return true;
    } catch {
      if (!(await pause(options.clock, pauseMs, options.signal))) return false;
      pauseMs = Math.min(backOff.mostMs, pauseMs * backOff.factor);
    }
  }
  return false;
}
