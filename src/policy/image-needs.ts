/**
 * The CUDA version that an image's programs were built for, as far as its tag tells
 * (docs/reference/protocol.md "Images"). Null when it does not: then no driver is refused for it.
 */
export function cudaOfImage(image: string): number | null {
  const tag = tagOf(image);
  const named = /cu(?:da)?-?(\d{2})\.?(\d)/.exec(tag);
  if (named !== null) return Number(`${named[1]}.${named[2]}`);
  if (!/\/mlnode(?:[:@]|$)/.test(image)) return null;
  const version = versionOf(tag);
  if (version === null || version < 30_000) return null;
  return version >= 30_016 ? 13 : 12.6;
}

/** Whether a driver that offers `driver` at most runs programs built for `image`; unknowns are no refusal. */
export function isCudaFit(driver: number | null, image: number | null): boolean {
  return driver === null || image === null || driver + 1e-9 >= image;
}

/**
 * Whether an image computes PoC v2, as far as its tag tells: 3.0.12 was the first. One that does not tell is given the
 * benefit of the doubt; a machine without PoC v2 is found out before it counts.
 */
export function knowsPocV2(image: string): boolean {
  const version = versionOf(tagOf(image));
  return version === null || version >= 30_012;
}

/** The image that a machine is rented with: PoC v2 is computed by another one where the usual one is older than that. */
export const usedImage = (
  image: string,
  { imageKind, imageV2 }: { readonly imageKind: 'mlnode' | 'vllm'; readonly imageV2: string },
  { model }: { readonly model: string | null },
): string => (model === null || imageKind === 'vllm' || knowsPocV2(image) ? image : imageV2);

/** Empty where there is none; the port of a registry is none. */
const tagOf = (image: string): string => /:([\w.-]+)(?:@|$)/.exec(image)?.[1] ?? '';

/** `3.0.14-post2` as 30014; null for a tag that is no version. */
function versionOf(tag: string): number | null {
  const [, major, minor, patch] = /^v?(\d+)\.(\d+)\.(\d+)/.exec(tag) ?? [];
  return major === undefined ? null : Number(major) * 10_000 + Number(minor) * 100 + Number(patch);
}
