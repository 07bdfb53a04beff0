/** What an image of the official ML node can do (docs/reference/protocol.md "MLNode REST API"). */
export interface MlnodeImage {
  /** PoC v2 inside vLLM, and the cache of models. */
  readonly hasPocV2: boolean;
  /** `state` tells more than the service, `versions` is there, vLLM says VALIDATING. */
  readonly isTalkative: boolean;
}

/**
 * By the tag: 3.0.12 of January 2026 was the first with PoC v2, 3.0.14 came with the next vLLM. Anything without such
 * a number counts as an image of 2025.
 */
export function mlnodeImage(name: string): MlnodeImage {
  const [, major = 0, minor = 0, patch = 0] = /:v?(\d+)\.(\d+)\.(\d+)/.exec(name)?.map(Number) ?? [];
  const age = major * 1e6 + minor * 1e3 + patch;
  return { hasPocV2: age >= 3_000_012, isTalkative: age >= 3_000_014 };
}
