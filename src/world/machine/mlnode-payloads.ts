import { binomialTail } from '../binomial-tail.ts';
import { BodyReader, type FieldError } from '../fastapi-answer.ts';

/** `PowInitRequestUrl` (docs/reference/protocol.md "PoC v1"), defaults filled in. */
export interface InitRequest {
  readonly node_id: number;
  readonly node_count: number;
  readonly block_hash: string;
  readonly block_height: number;
  readonly public_key: string;
  readonly batch_size: number;
  readonly r_target: number;
  readonly fraud_threshold: number;
  readonly params: Readonly<Record<string, number | boolean>>;
  readonly url: string;
}

/** The `/generated` callback and the body of `pow/validate`. */
export interface ProofBatch {
  readonly public_key: string;
  readonly block_hash: string;
  readonly block_height: number;
  readonly nonces: readonly number[];
  readonly dist: readonly number[];
  readonly node_id: number;
}

/** The `/validated` callback. */
export interface ValidatedBatch extends ProofBatch {
  readonly received_dist: readonly number[];
  readonly r_target: number;
  readonly fraud_threshold: number;
  readonly n_invalid: number;
  readonly probability_honest: number;
  readonly fraud_detected: boolean;
}

export type Read<T> = { readonly value: T } | { readonly errors: readonly FieldError[] };

export function readInitRequest(body: unknown): Read<InitRequest> {
  const reader = new BodyReader(body);
  const params = reader.object('params');
  const value: InitRequest = {
    node_id: reader.integer('node_id', -1),
    node_count: reader.integer('node_count', -1),
    block_hash: reader.string('block_hash'),
    block_height: reader.integer('block_height'),
    public_key: reader.string('public_key'),
    batch_size: reader.integer('batch_size'),
    r_target: reader.number('r_target'),
    fraud_threshold: reader.number('fraud_threshold'),
    params: {
      dim: params.integer('dim', 1792),
      n_layers: params.integer('n_layers', 64),
      n_heads: params.integer('n_heads', 64),
      n_kv_heads: params.integer('n_kv_heads', 64),
      vocab_size: params.integer('vocab_size', 8196),
      ffn_dim_multiplier: params.number('ffn_dim_multiplier', 10),
      multiple_of: params.integer('multiple_of', 8192),
      norm_eps: params.number('norm_eps', 1e-5),
      rope_theta: params.number('rope_theta', 10_000),
      use_scaled_rope: params.boolean('use_scaled_rope', false),
      seq_len: params.integer('seq_len', 256),
    },
    url: reader.string('url'),
  };
  return reader.errors.length > 0 ? { errors: reader.errors } : { value };
}

export function readProofBatch(body: unknown): Read<ProofBatch> {
  const reader = new BodyReader(body);
  const value: ProofBatch = {
    public_key: reader.string('public_key'),
    block_hash: reader.string('block_hash'),
    block_height: reader.integer('block_height'),
    nonces: reader.list('nonces', 'integer'),
    dist: reader.list('dist', 'number'),
    node_id: reader.integer('node_id'),
  };
  return reader.errors.length > 0 ? { errors: reader.errors } : { value };
}

/** Fields that Python holds as floats, and therefore writes with a point. */
const floats = new Set(['dist', 'received_dist', 'r_target', 'fraud_threshold', 'probability_honest']);

/** The bytes that `requests.post(json=…)` sends: `json.dumps` with its spaces, `1.0` and `1e-07`. */
export function pythonJson(value: ProofBatch | ValidatedBatch): string {
  const fields = Object.entries(value).map(
    ([key, field]) => `"${key}": ${pythonValue(field, floats.has(key))}`,
  );
  return `{${fields.join(', ')}}`;
}

function pythonValue(value: unknown, isFloat: boolean): string {
  if (Array.isArray(value)) return `[${value.map((item) => pythonValue(item, isFloat)).join(', ')}]`;
  if (typeof value !== 'number') return JSON.stringify(value);
  return isFloat && Number.isInteger(value) ? `${value}.0` : `${value}`.replace(/e([+-])(\d)$/, 'e$10$2');
}

/** The mismatch probability of the honest, a constant of the ML node. */
const mismatchProbability = 5e-4;

/** P(at least `invalid` of `total`) at the mismatch probability of an honest node. */
export const probabilityHonest = (invalid: number, total: number): number =>
  binomialTail(invalid, total, mismatchProbability);
