import { BodyReader, type FieldError } from '../fastapi-answer.ts';
import type { Read } from './mlnode-payloads.ts';

/** What both work calls of PoC v2 carry (docs/reference/protocol.md "PoC v2 callbacks"), defaults filled in. */
export interface PocV2Work {
  readonly block_hash: string;
  readonly block_height: number;
  readonly public_key: string;
  readonly node_id: number;
  readonly node_count: number;
  readonly batch_size: number;
  readonly model: string;
  readonly seq_len: number;
  readonly k_dim: number;
  /** Used verbatim; undefined = results stay where they are. */
  readonly url: string | undefined;
}

export interface Artifact {
  readonly nonce: number;
  readonly vector_b64: string;
}

export interface PocV2Job extends PocV2Work {
  readonly nonces: readonly number[];
  readonly wait: boolean;
  readonly artifacts: readonly Artifact[] | undefined;
  readonly distThreshold: number;
  readonly pMismatch: number;
  readonly fraudThreshold: number;
}

export const artifactEncoding = { dtype: 'f16', k_dim: 12, endian: 'le' };

export function readPocV2Work(body: unknown, defaultBatch: number): Read<PocV2Work> {
  const errors: FieldError[] = [];
  const work = workOf(body, defaultBatch, errors);
  return errors.length > 0 ? { errors } : { value: work };
}

/** `stat_test` has no `p_value_threshold`: what the Network Node sends under that name is dropped. */
export function readPocV2Job(body: unknown, defaultBatch: number): Read<PocV2Job> {
  const errors: FieldError[] = [];
  const reader = new BodyReader(body, ['body'], errors);
  const test = reader.object('stat_test');
  const fields = body as Readonly<Record<string, unknown>>;
  const job: PocV2Job = {
    ...workOf(body, defaultBatch, errors),
    nonces: reader.list('nonces', 'integer'),
    wait: reader.boolean('wait', false),
    artifacts: artifactsOf(fields?.['validation'], errors),
    distThreshold: test.number('dist_threshold', 0.02),
    pMismatch: test.number('p_mismatch', 0.001),
    fraudThreshold: test.number('fraud_threshold', 0.01),
  };
  return errors.length > 0 ? { errors } : { value: job };
}

function workOf(body: unknown, defaultBatch: number, errors: FieldError[]): PocV2Work {
  const reader = new BodyReader(body, ['body'], errors);
  const fields = (typeof body === 'object' && body !== null ? body : {}) as Record<string, unknown>;
  const params = fields['params'];
  if (params === undefined) errors.push({ type: 'missing', loc: ['body', 'params'], msg: 'Field required' });
  for (const name of Object.keys(params ?? {}).filter((field) => !paramFields.has(field)))
    errors.push({
      type: 'extra_forbidden',
      loc: ['body', 'params', name],
      msg: 'Extra inputs are not permitted',
    });
  const inner = new BodyReader(params ?? {}, ['body', 'params'], params === undefined ? [] : errors);
  const url = fields['url'];
  if (url !== undefined && url !== null && typeof url !== 'string')
    errors.push({ type: 'string_type', loc: ['body', 'url'], msg: 'Input should be a valid string' });
  return {
    block_hash: reader.string('block_hash'),
    block_height: reader.integer('block_height'),
    public_key: reader.string('public_key'),
    node_id: reader.integer('node_id'),
    node_count: reader.integer('node_count'),
    batch_size: reader.integer('batch_size', defaultBatch),
    model: inner.string('model'),
    seq_len: inner.integer('seq_len'),
    k_dim: inner.integer('k_dim', 12),
    url: typeof url === 'string' ? url : undefined,
  };
}

const paramFields = new Set(['model', 'seq_len', 'k_dim']);

function artifactsOf(validation: unknown, errors: FieldError[]): Artifact[] | undefined {
  if (validation === undefined || validation === null) return undefined;
  const loc = ['body', 'validation', 'artifacts'];
  const list = (validation as { artifacts?: unknown }).artifacts;
  if (!Array.isArray(list)) {
    errors.push({ type: 'missing', loc, msg: 'Field required' });
    return [];
  }
  return list.map((item: unknown, at) => {
    const reader = new BodyReader(item, [...loc, String(at)], errors);
    return { nonce: reader.integer('nonce'), vector_b64: reader.string('vector_b64') };
  });
}
