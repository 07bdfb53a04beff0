import type { GovernanceModels } from '../../adapters/chain/governance-models.ts';
import type { NetworkNode } from '../../adapters/network-node/interface.ts';
import type { ReverseReceiver } from '../../adapters/ssh/interface.ts';
import type { Config } from '../../config/config.ts';
import { toFault } from '../../errors.ts';
import type { LeaseContext, MachineFacts } from '../../machines/lease-context.ts';
import type { ServiceContext } from '../../machines/service.ts';
import { usedImage } from '../../policy/image-needs.ts';
import { workNeeds } from '../../policy/model-needs.ts';
import type { PocVersion } from '../../policy/poc-version.ts';
import type { Clock } from '../../runtime/clock.ts';
import type { Runtime } from '../../runtime/interface.ts';
import { createCallbackProbe } from '../poc/callback-probe.ts';
import type { Log } from '../log.ts';
import type { MachineRoom } from './machine-room.ts';
import { createModelOrders } from './model-orders.ts';
import { type ModelStartOptions, startModel } from './model-start.ts';
import { inspectHardware, qualify } from './qualification.ts';
import { leaseRow, serviceRow } from '../row-names.ts';
import { startVllm } from './vllm-start.ts';

export interface MachineWorkOptions {
  readonly config: Config;
  readonly clock: Clock;
  readonly room: MachineRoom;
  readonly networkNode: Pick<NetworkNode, 'deliver'>;
  readonly rows: () => Runtime;
  pocVersion(): PocVersion;
  readonly governance?: GovernanceModels | undefined;
  readonly log: Log;
}

/** What machines are rented for: which model they need, how it comes up, and whether they can do their work. */
export interface MachineWork {
  /** Takes what qualification posts from the machine, and hands everything else on. */
  receiver(leaseId: string, next: ReverseReceiver): ReverseReceiver;
  /** False: a plain vLLM, which is started over SSH. */
  readonly hasMlnode: boolean;
  /** What a machine for that work runs. */
  image(model: string | null): string;
  /** The model that the PoC to come needs; null when it needs none. */
  model(): { readonly model: string } | null;
  load(leaseId: string, model: string, signal: AbortSignal): Promise<void>;
  qualify(
    machine: { readonly leaseId: string; readonly gpuCount: number; readonly model: string | null },
    signal: AbortSignal,
  ): Promise<MachineFacts>;
}

export function createMachineWork(options: MachineWorkOptions): MachineWork {
  const { config, clock, room, log, networkNode } = options;
  const probe = createCallbackProbe({ room, networkNode, log, callbackBase: () => callbackBase(options) });
  const { imageKind } = config.machineModel;
  const imageOf = (model: string | null): string =>
    usedImage(config.vast.image, config.machineModel, { model });
  const orderOf = createModelOrders(options);
  const lease = (leaseId: string): LeaseContext | undefined =>
    options.rows().row(leaseRow(leaseId))?.context as LeaseContext | undefined;
  const starting: ModelStartOptions = {
    room,
    clock,
    log,
    onProgress: (leaseId, progress) => {
      log.info({ leaseId, ...progress }, 'model.loading');
      options.rows().send(leaseRow(leaseId), { type: 'LEASE.MODEL_PROGRESS', progress });
    },
  };
  const needs = (hasModel: boolean) =>
    workNeeds({
      version: hasModel ? 'v2' : 'v1',
      imageKind,
      model: config.model,
      imageGb: config.machineModel.imageGb,
      sizes: config.machineModel.sizes,
      inetDownMbps: config.vast.inetDownMbpsMin,
    });
  /** What a machine for that work is held against. */
  const standard = (model: string | null) => ({
    image: imageOf(model),
    room,
    gpuTotalRamMbMin: () => needs(model !== null).gpuTotalRamMbMin,
  });

  return {
    receiver: (leaseId, next) => probe.receiver(leaseId, next),
    hasMlnode: imageKind === 'mlnode',
    image: imageOf,
    model: () => (imageKind === 'vllm' || options.pocVersion() === 'v2' ? { model: config.model } : null),
    load: async (leaseId, model, signal) => {
      const gpuCount = lease(leaseId)?.offer.gpuCount ?? 1;
      // Weights take many minutes: not for a machine that has no GPU. Who does not answer now is asked once more then.
      await inspectHardware(standard(model), { leaseId, gpuCount }, signal).catch((error: unknown) => {
        if (toFault(error).class === 'terminal') throw error;
      });
      if (imageKind === 'vllm')
        return startVllm({ ...starting, config }, { leaseId, model, gpuCount }, signal);
      await startModel(starting, leaseId, await orderOf(gpuCount, signal), signal);
    },
    qualify: (machine, signal) =>
      qualify(
        { ...standard(machine.model), probe },
        {
          ...machine,
          callbackPort: lease(machine.leaseId)?.callbackPort ?? 0,
          isPocV2: machine.model !== null && imageKind === 'mlnode',
        },
        signal,
      ),
  };
}

/** Where callbacks go: as the Network Node named it last, else as set. */
function callbackBase({ rows, config }: MachineWorkOptions): string | null {
  const { callbackUrl } = config.networkNode;
  const { callbackBase: named = null } = (rows().row(serviceRow)?.context ?? {}) as Partial<ServiceContext>;
  return named ?? (callbackUrl === undefined ? null : `${callbackUrl}/v1/poc-batches`);
}
