import { HybridError } from '../errors.ts';
import { chapters, lookingChapters, servingChapters, startChapters, storyFrom } from './chapters.ts';
import { firstModel } from './health-rules.ts';
import { NodeUnderTest, type NodeUnderTestOptions } from './node-under-test.ts';
import { restoreNode } from './restore-node.ts';
import { Broken, type Chapter, type Generation, NotApplicable, type Rule } from './rule.ts';

export interface CheckOptions extends NodeUnderTestOptions {
  /** Whether rules run that change what the node does. */
  readonly isDisruptive: boolean;
  /** Generations that the node must serve; absent = those that it serves. */
  readonly generations?: readonly Generation[];
}

/** How one rule came out. */
export interface Outcome {
  readonly rule: Rule;
  /** With the limits of this run filled in. */
  readonly sentence: string;
  readonly verdict: 'ok' | 'failed' | 'skipped';
  /** Why it failed or was skipped. */
  readonly reason?: string;
}

/**
 * Checks one running ML node, rule by rule, in the order in which they run. However it ends, the node is brought
 * back to the service in which it was found. Throws WIRE_REFUSED when nothing listens, ABORTED.
 */
export async function* checkNode(options: CheckOptions): AsyncGenerator<Outcome> {
  const node = new NodeUnderTest(options);
  options.callbacks?.forget();
  const found = await node.manage('GET', '/api/v1/state').then(
    () => node.state().catch(() => null),
    (error: unknown) => {
      if (error instanceof HybridError && ['WIRE_REFUSED', 'ABORTED'].includes(error.code)) throw error;
      return null;
    },
  );
  const generations = options.generations ?? (await servedGenerations(node));
  const reasonOf = (chapter: Chapter): string | undefined => {
    const { generation, isDisruptive } = chapter;
    if (generation !== undefined && !generations.includes(generation))
      return `PoC ${generation} is not served here`;
    if (isDisruptive && !options.isDisruptive) return 'it changes what the node does (--disruptive)';
    return undefined;
  };
  for (const chapter of lookingChapters) yield* checkChapter(node, chapter, reasonOf(chapter));
  if (!options.isDisruptive) {
    for (const chapter of chapters.filter((each) => each.isDisruptive))
      yield* checkChapter(node, chapter, reasonOf(chapter));
    return;
  }
  const isServing = found === 'INFERENCE';
  const listed = await firstModel(node).catch(() => null);
  // What is up stays up, so a wish counts only where nothing is.
  node.memory.model = (isServing ? (listed ?? options.model) : (options.model ?? listed)) ?? null;
  if (isServing) node.memory.service = 'INFERENCE';
  try {
    for (const part of storyFrom(isServing)) {
      await align(node, part);
      for (const chapter of part) yield* checkChapter(node, chapter, reasonOf(chapter));
    }
  } finally {
    await restoreNode(node, found);
  }
}

async function* checkChapter(
  node: NodeUnderTest,
  chapter: Chapter,
  reason: string | undefined,
): AsyncGenerator<Outcome> {
  for (const rule of chapter.rules) {
    const sentence = rule.sentence.replace('{pollLimit}', `${node.options.pollLimitMs} ms`);
    if (reason === undefined) yield { rule, sentence, ...(await verdictOf(rule, node)) };
    else yield { rule, sentence, verdict: 'skipped', reason };
  }
}

async function verdictOf(rule: Rule, node: NodeUnderTest): Promise<Pick<Outcome, 'verdict' | 'reason'>> {
  try {
    await rule.check(node);
    return { verdict: 'ok' };
  } catch (error) {
    if (error instanceof NotApplicable) return { verdict: 'skipped', reason: error.message };
    if (error instanceof Broken) return { verdict: 'failed', reason: error.message };
    if (error instanceof HybridError && error.code !== 'ABORTED')
      return { verdict: 'failed', reason: error.message };
    throw error;
  }
}

/** A node that an earlier part did not leave where the next one begins is brought there, so that one fault stays one. */
async function align(node: NodeUnderTest, part: readonly Chapter[]): Promise<void> {
  const state = await node.state().catch(() => null);
  if (part === startChapters && state !== null && state !== 'STOPPED') {
    const stopped = await node.work('/api/v1/stop').catch(() => null);
    if (stopped?.status === 200) node.memory.service = 'STOPPED';
  }
  if (part === servingChapters && state !== null && state !== 'INFERENCE') node.memory.service = null;
}

async function servedGenerations(node: NodeUnderTest): Promise<readonly Generation[]> {
  const paths = { v1: '/api/v1/pow/status', v2: '/api/v1/inference/pow/status' } as const;
  const served: Generation[] = [];
  for (const generation of ['v1', 'v2'] as const) {
    const { status } = await node.manage('GET', paths[generation]);
    if (status !== 404 && status !== 405) served.push(generation);
  }
  return served;
}
