import { callbackFields } from './callback-fields.ts';
import type { WorldRequest } from '../exchange.ts';

export interface GeneratedArtifacts {
  readonly kind: 'generated';
  readonly block_height: number;
  readonly node_id: number;
  readonly artifacts: readonly { readonly nonce: number; readonly vector_b64: string }[];
}

export interface ValidatedArtifacts {
  readonly kind: 'validated';
  readonly block_height: number;
  readonly public_key: string;
  readonly n_total: number;
  readonly fraud_detected: boolean;
}

/** Nonces have to fit 32 bits. */
const highestNonce = 2 ** 31 - 1;

/** The callback, or what is wrong with it. */
export function decodeCallback(
  request: WorldRequest,
  kind: 'generated' | 'validated',
): GeneratedArtifacts | ValidatedArtifacts | string {
  const fields = callbackFields(
    request,
    (given) =>
      Object.entries(fieldTests[kind]).find(
        ([name, test]) => given[name] !== undefined && given[name] !== null && !test(given[name]),
      )?.[0],
  );
  if (typeof fields === 'string') return fields;
  return kind === 'generated' ? generatedOf(fields) : validatedOf(fields);
}

const isText = (value: unknown): boolean => typeof value === 'string';

const isArtifact = (value: unknown): boolean => {
  if (typeof value !== 'object' || value === null) return false;
  const { nonce = 0, vector_b64: vector = '' } = value as Record<string, unknown>;
  return Number.isInteger(nonce) && Math.abs(Number(nonce)) <= highestNonce && isText(vector);
};

const fieldTests = {
  generated: {
    public_key: isText,
    block_hash: isText,
    block_height: Number.isInteger,
    node_id: Number.isInteger,
    artifacts: (value: unknown) => Array.isArray(value) && value.every(isArtifact),
  },
  validated: {
    request_id: isText,
    public_key: isText,
    block_hash: isText,
    block_height: Number.isInteger,
    node_id: Number.isInteger,
    n_total: Number.isInteger,
    n_mismatch: Number.isInteger,
    p_value: (value: unknown) => typeof value === 'number',
    fraud_detected: (value: unknown) => typeof value === 'boolean',
  },
} as const;

function generatedOf(fields: Readonly<Record<string, unknown>>): GeneratedArtifacts {
  const artifacts = (fields['artifacts'] ?? []) as readonly { nonce?: number; vector_b64?: string }[];
  return {
    kind: 'generated',
    block_height: Number(fields['block_height'] ?? 0),
    node_id: Number(fields['node_id'] ?? 0),
    artifacts: artifacts.map(({ nonce = 0, vector_b64: vector = '' }) => ({ nonce, vector_b64: vector })),
  };
}

function validatedOf(fields: Readonly<Record<string, unknown>>): ValidatedArtifacts {
  const { public_key: key } = fields;
  return {
    kind: 'validated',
    block_height: Number(fields['block_height'] ?? 0),
    public_key: typeof key === 'string' ? key : '',
    n_total: Number(fields['n_total'] ?? 0),
    fraud_detected: fields['fraud_detected'] === true,
  };
}
