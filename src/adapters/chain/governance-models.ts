import { z } from 'zod';
import { HybridError } from '../../errors.ts';
import type { Transport } from '../transport.ts';

/** A model as governance lists it (docs/reference/protocol.md "Governance models"). */
export interface GovernanceModel {
  readonly id: string;
  /** Where its weights lie; null = under its id. */
  readonly repo: string | null;
  readonly commit: string | null;
  /** vLLM arguments that every node has to use. */
  readonly args: readonly string[];
  /** Of all GPUs together, GB; null where it does not say. */
  readonly vramGb: number | null;
}

/** Answers to "how is that model to be started". Throws CHAIN_UNREACHABLE, CHAIN_BAD_ANSWER, ABORTED. */
export type GovernanceModels = (signal: AbortSignal) => Promise<readonly GovernanceModel[]>;

export interface GovernanceModelsOptions {
  /** Bases of the Network Node's public API, as for the chain; asked in turn. */
  readonly urls: readonly string[];
  readonly transport: Transport;
  /** Of one question, real milliseconds. */
  readonly timeoutMs: number;
}

const text = z
  .string()
  .nullish()
  .transform((value) => (value === '' || value === undefined ? null : value));
/** Numbers of 64 bits are strings in the newer shape; zero is left out. */
const gigabytes = z
  .union([z.number(), z.string().regex(/^\d+$/).transform(Number)])
  .nullish()
  .transform((value) => (value === 0 || value === undefined ? null : value));
const answer = z.object({
  models: z
    .array(
      z.object({
        id: z.string(),
        hf_repo: text,
        hf_commit: text,
        model_args: z.array(z.string()).nullish(),
        v_ram: gigabytes,
      }),
    )
    .nullish(),
});

export function createGovernanceModels(options: GovernanceModelsOptions): GovernanceModels {
  const { urls, transport, timeoutMs } = options;
  return async (signal) => {
    let failure: unknown = new HybridError({ code: 'CHAIN_UNREACHABLE', message: 'no source is named' });
    for (const base of urls) {
      const url = `${base.replace(/\/+$/, '').replace(/\/v1$/, '')}/v1/governance/models`;
      try {
        return modelsOf(await transport({ method: 'GET', url, timeoutMs, signal }), url);
      } catch (error) {
        if (signal.aborted) throw error;
        failure = error;
      }
    }
    throw failure;
  };
}

function modelsOf(response: { status: number; body: string }, url: string): readonly GovernanceModel[] {
  const source = URL.parse(url)?.host ?? url;
  const bad = (what: string): HybridError =>
    new HybridError({ code: 'CHAIN_BAD_ANSWER', message: `${source}, governance models: ${what}` });
  if (response.status !== 200) throw bad(`status ${response.status}`);
  const read = answer.safeParse(parsed(response.body));
  if (!read.success) throw bad(read.error.issues[0]?.path.join('.') || 'no JSON');
  return (read.data.models ?? []).map(({ id, hf_repo, hf_commit, model_args, v_ram }) => ({
    id,
    repo: hf_repo,
    commit: hf_commit,
    args: model_args ?? [],
    vramGb: v_ram,
  }));
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body) as unknown;
  } catch {
    return undefined;
  }
}
