import type { GovernanceModel, GovernanceModels } from '../../adapters/chain/governance-models.ts';
import type { Config } from '../../config/config.ts';
import { toFault } from '../../errors.ts';
import type { ServiceContext } from '../../machines/service.ts';
import { inferenceUpBody, mergedModelArguments, modelOfUpBody } from '../../policy/model-arguments.ts';
import type { Runtime } from '../../runtime/interface.ts';
import type { Log } from '../log.ts';
import type { ModelOrder } from './model-start.ts';
import { serviceRow } from '../row-names.ts';

/** Of the question for governance models, real milliseconds. */
const askTimeoutMs = 30_000;

export interface ModelOrdersOptions {
  readonly config: Pick<Config, 'model' | 'machineModel'>;
  readonly rows: () => Pick<Runtime, 'row'>;
  /** @default nobody lists any */
  readonly governance?: GovernanceModels | undefined;
  readonly log: Log;
}

/**
 * How the model is to be started: exactly as the Network Node asked for it last, else as governance says, merged with
 * the operator's arguments as the Network Node would (docs/reference/protocol.md "Model choice and arguments").
 */
export function createModelOrders(
  options: ModelOrdersOptions,
): (gpuCount: number, signal: AbortSignal) => Promise<ModelOrder> {
  const { config, log } = options;
  const { model } = config;

  async function listed(signal: AbortSignal): Promise<GovernanceModel | undefined> {
    if (options.governance === undefined) return undefined;
    try {
      const limit = AbortSignal.any([signal, AbortSignal.timeout(askTimeoutMs)]);
      return (await options.governance(limit)).find(({ id }) => id === model);
    } catch (error) {
      if (signal.aborted) throw error;
      log.warn({ fault: toFault(error) }, 'model.governance_unknown');
      return undefined;
    }
  }

  return async (gpuCount, signal) => {
    const asked = (options.rows().row(serviceRow)?.context as ServiceContext | undefined)?.inferenceUpBody;
    const governance = await listed(signal);
    const file = { repo: governance?.repo ?? model, commit: governance?.commit ?? null };
    if (typeof asked === 'string' && modelOfUpBody(asked) === model) return { model, file, upBody: asked };
    const local = config.machineModel.vllmArgs;
    const args = mergedModelArguments(governance?.args ?? [], local);
    if (governance === undefined) log.warn({ model }, 'model.arguments_guessed');
    // Nobody said how to spread it: over all GPUs, as one that does not fit on one would have to be.
    const width =
      governance === undefined && gpuCount > 1 && !args.includes('--tensor-parallel-size')
        ? ['--tensor-parallel-size', String(gpuCount)]
        : [];
    return { model, file, upBody: inferenceUpBody(model, [...args, ...width]) };
  };
}
