import type { NodeUnderTest } from './node-under-test.ts';

/** The two ways in which the Network Node drives PoC; a node may serve both. */
export type Generation = 'v1' | 'v2';

/** The rule is broken; the message says what was seen in place of what is due. */
export class Broken extends Error {
  override readonly name = 'Broken';
}

/** The rule says nothing about this node at this moment; the message says why. */
export class NotApplicable extends Error {
  override readonly name = 'NotApplicable';
}

/** One thing that an ML node has to do. */
export interface Rule {
  /** `MLN-001`; a number is never used for another rule. */
  readonly id: `MLN-${number}`;
  /** `{pollLimit}` stands for the limit that the run was given. */
  readonly sentence: string;
  /** A section of docs/reference/protocol.md. */
  readonly source: string;
  /** Returns when the node obeys. Throws Broken, NotApplicable, or what the wire throws (which counts as broken). */
  readonly check: (node: NodeUnderTest) => Promise<void>;
}

/** Rules that belong together; they run in their order, and later ones may build on what earlier ones brought about. */
export interface Chapter {
  readonly title: string;
  /** Absent = both. */
  readonly generation?: Generation;
  /** Whether its calls change what the node does. */
  readonly isDisruptive: boolean;
  readonly rules: readonly Rule[];
}

export const rule = (id: Rule['id'], sentence: string, source: string, check: Rule['check']): Rule => ({
  id,
  sentence,
  source,
  check,
});
