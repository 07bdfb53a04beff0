import { artifactVector, vectorDistance } from '../artifact-vector.ts';
import { binomialTail } from '../binomial-tail.ts';
import type { Random } from '../random.ts';
import type { PocBook } from './poc-book.ts';

/** What the chain's parameters say about one model (docs/reference/protocol.md "PoC v2"). */
export interface PocV2Params {
  readonly seqLen: number;
  readonly distThreshold: number;
  readonly pMismatch: number;
  readonly pValueThreshold: number;
  readonly sampleSize: number;
}

export const mainnetPocV2Params: PocV2Params = {
  seqLen: 1_024,
  distThreshold: 0.4,
  pMismatch: 0.1,
  pValueThreshold: 0.05,
  sampleSize: 200,
};

/** The ML node tests against this level, whatever it is sent. */
const fraudThreshold = 0.01;
/** A validator votes no when the highest nonce is so many times the count. */
const porosityMax = 100;
/** Early share below so much of the others' is a miss. */
const earlyRatioMin = 0.5;

/** What the other validators find wrong with our own artifacts; undefined = nothing. */
export function artifactObjection(
  book: PocBook,
  facts: {
    readonly publicKey: string;
    readonly model: string;
    readonly params: PocV2Params;
    readonly random: Random;
  },
): string | undefined {
  const artifacts = book.nonces.all();
  if (artifacts.length === 0) return undefined;
  const highest = artifacts.at(-1)?.[0] ?? 0;
  const porosity = highest / artifacts.length;
  if (porosity >= porosityMax) return `porosity ${Math.round(porosity)}`;
  const sample = sampled(artifacts, facts.params.sampleSize, facts.random);
  const { publicKey, model, params } = facts;
  const wrong = sample.filter(([nonce, vector]) => {
    const due = artifactVector({ blockHash: book.span.blockHash, publicKey, nonce, model });
    return vectorDistance(String(vector), due) > params.distThreshold;
  });
  const isFraud = binomialTail(wrong.length, sample.length, params.pMismatch) < fraudThreshold;
  return isFraud ? `${wrong.length} of ${sample.length} vectors are wrong` : undefined;
}

/** So many of them, in their order. */
export function sampled<Item>(items: readonly Item[], size: number, random: Random): readonly Item[] {
  if (items.length <= size) return items;
  return items
    .map((item, position) => ({ item, position, draw: random.next() }))
    .toSorted((one, other) => one.draw - other.draw)
    .slice(0, size)
    .toSorted((one, other) => one.position - other.position)
    .map(({ item }) => item);
}

/** The guard of v0.2.14 against late starts: a first miss is forgiven, the next one in a row is not. */
export class EarlyShareGuard {
  #misses = 0;

  /** False = validators vote no. Only what passes resets the count. */
  passes(book: PocBook): boolean {
    if (book.nonces.weight === 0) return true;
    if (book.nonces.earlyShare >= earlyRatioMin * book.span.earlyShare) {
      this.#misses = 0;
      return true;
    }
    this.#misses += 1;
    return this.#misses < 2;
  }
}
