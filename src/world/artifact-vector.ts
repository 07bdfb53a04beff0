import { hash } from 'node:crypto';

/** Components of one vector; PoC v2 calls their number `k_dim`. */
const dimensions = 12;
/** Where a vector is packed on its way to Base64. */
const packed = Buffer.alloc(2 * dimensions);

/**
 * Stands in for the forward pass of PoC v2: a unit vector of twelve half-precision numbers, little-endian, in Base64,
 * made of block hash, public key and nonce by the model (docs/reference/protocol.md "PoC v2 callbacks"). Whoever has
 * the same model gets the same vector.
 */
export function artifactVector(seed: {
  blockHash: string;
  publicKey: string;
  nonce: number;
  model: string;
}): string {
  // One character a byte: a buffer for each of thousands of nonces would cost more than its hash.
  const digest = hash('sha256', `${seed.blockHash}_${seed.publicKey}_${seed.nonce}_${seed.model}`, 'binary');
  const raw: number[] = [];
  for (let at = 0; at < 2 * dimensions; at += 2)
    raw.push((digest.charCodeAt(at) + 256 * digest.charCodeAt(at + 1)) / 32_768 - 1);
  const length = Math.hypot(...raw) || 1;
  for (let at = 0; at < dimensions; at++) {
    const half = halfOf((raw[at] ?? 0) / length);
    packed[2 * at] = half & 0xff;
    packed[2 * at + 1] = half >> 8;
  }
  return packed.toString('base64');
}

/** Euclidean distance of two such vectors; infinite when they cannot be compared. */
export function vectorDistance(one: string, other: string): number {
  if (one === other) return 0;
  const [a, b] = [Buffer.from(one, 'base64'), Buffer.from(other, 'base64')];
  if (a.length !== 2 * dimensions || b.length !== a.length) return Number.POSITIVE_INFINITY;
  let sum = 0;
  for (let at = 0; at < a.length; at += 2)
    sum += (numberOf(a.readUInt16LE(at)) - numberOf(b.readUInt16LE(at))) ** 2;
  return Number.isNaN(sum) ? Number.POSITIVE_INFINITY : Math.sqrt(sum);
}

/** IEEE half precision of a number between -1 and 1, truncated. */
function halfOf(value: number): number {
  const sign = value < 0 ? 0x8000 : 0;
  const size = Math.abs(value);
  const exponent = Math.max(-14, Math.floor(Math.log2(size || 2 ** -15)));
  const mantissa = Math.floor((size / 2 ** exponent) * 1024);
  return sign | (mantissa < 1024 ? mantissa : ((exponent + 15) << 10) | (mantissa - 1024));
}

function numberOf(half: number): number {
  const sign = half & 0x8000 ? -1 : 1;
  const exponent = (half >> 10) & 0x1f;
  const fraction = half & 0x3ff;
  if (exponent === 0x1f) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (exponent === 0 ? fraction * 2 ** -24 : (1024 + fraction) * 2 ** (exponent - 25));
}
