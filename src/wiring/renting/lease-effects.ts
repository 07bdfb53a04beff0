import { verdict } from '../../adapters/vast/instance-verdict.ts';
import type { Instance, InstanceList, Vast } from '../../adapters/vast/interface.ts';
import type { Config } from '../../config/config.ts';
import { HybridError, toFault } from '../../errors.ts';
import type { LeasedOffer } from '../../machines/lease-context.ts';
import type { MachineWork } from '../machine/machine-work.ts';
import type { TunnelInput } from '../../machines/tunnel.ts';
import type { Clock } from '../../runtime/clock.ts';
import type { EffectCall, Effects } from '../../runtime/interface.ts';
import type { UnixMs } from '../../units.ts';
import type { LifeLine } from '../machine/life-line.ts';
import type { Log } from '../log.ts';
import type { MachineRoom } from '../machine/machine-room.ts';
import { onstartText } from '../machine/onstart.ts';
import { stopwatch } from './stopwatch.ts';

/** All on the daemon's clock, so that the sandbox's speed divides them. */
const listPauseMs = 10_000;
const watchPauseMs = 15_000;
/** A fresh instance may be missing from the list for half a minute (docs/reference/vast.md "State machine"). */
const settleMs = 30_000;
/** Looks for a label in an account without any instance: a list may be empty by mistake, more than once. */
const emptyLooks = 4;
const absenceLimitMs = 90_000;
/** A machine whose tunnel stays away for this long counts as lost; the ML node's own retries bridge less. */
const tunnelLostLimitMs = 300_000;
/** An ML node that died stays dead: nothing on the machine starts it again. */
const mlnodeLostLimitMs = 60_000;
/** Between the two lists that prove absence (invariant I2). */
const proofGapMs = 10_000;
/** A destroy usually takes seconds; beyond this it is asked again. */
const destroyLimitMs = 60_000;
const goingPauseMs = 3_000;
const mlnodePauseMs = 3_000;
/** While nothing else looks at a machine. */
const renewPauseMs = 15_000;

export interface LeaseEffectsOptions {
  readonly config: Config;
  readonly clock: Clock;
  readonly vast: Vast;
  readonly room: MachineRoom;
  readonly lifeLine: LifeLine;
  /** What a machine has to be able to do before it counts. */
  readonly work: MachineWork;
  readonly log: Log;
}

type Call<Input> = Omit<EffectCall, 'input'> & { readonly input: Input };

/** The work behind the lease chart. Everything that only reads may be run again after a restart. */
export function createLeaseEffects({
  config,
  clock,
  vast,
  room,
  lifeLine,
  work,
  log,
}: LeaseEffectsOptions): Effects {
  const effects = {
    createInstance: async ({
      input,
      signal,
      isResumed,
    }: Call<{ label: string; offer: LeasedOffer; ttlMs: number }>) => {
      // A create that began before a crash may have been taken: its label is looked up, it is never sent twice.
      if (isResumed)
        throw new HybridError({
          code: 'VAST_CREATE_UNKNOWN',
          message: 'the daemon restarted during the create',
        });
      const order = {
        offerId: input.offer.offerId,
        label: input.label,
        image: work.image(work.model()?.model ?? null),
        diskGb: input.offer.diskGb ?? config.vast.diskGb,
        onstart: onstart(config, input.ttlMs),
        env: {},
        ...(config.vast.templateHashId === undefined ? {} : { templateHashId: config.vast.templateHashId }),
      };
      const created = await vast.create(order, signal).catch(unknownUnlessSaid);
      return { instanceId: created.instanceId };
    },

    lookUpLabel: async ({ input, signal }: Call<{ label: string }>) => {
      let looks = 2;
      for (let look = 0; look < looks; look++) {
        await clock.sleep(settleMs / 2, signal);
        const { instances, totalInstances } = await vast.list(signal);
        const found = instances.find((instance) => instance.label === input.label);
        if (found !== undefined) return { instanceId: found.instanceId };
        // Nothing else can confirm the absence of a label: an account that seems empty is looked at longer.
        if (totalInstances === 0) looks = emptyLooks;
      }
      return { instanceId: null };
    },

    awaitRunning: async ({ input, signal, isResumed }: Call<{ instanceId: number }>) => {
      const { instance, looks } = await untilRunning(input.instanceId, signal);
      if (instance.price > config.vast.priceMax) {
        throw new HybridError({
          code: 'VAST_OVER_PRICE',
          message: `instance ${instance.instanceId} costs ${instance.price} µ$/h, the cap is ${config.vast.priceMax}`,
        });
      }
      const runningAt = isResumed && looks === 1 ? null : clock.now();
      return { endpoints: instance.endpoints, price: instance.price, runningAt };
    },

    openTunnel: ({ input, signal }: Call<TunnelInput>) => room.opened(input, signal),

    awaitMlnode: async ({ input, signal }: Call<{ leaseId: string }>) => {
      await room.reopened(input.leaseId, signal);
      // A plain vLLM is started over SSH: nothing answers before.
      if (!work.hasMlnode) return work.model();
      for (;;) {
        lifeLine.renewWhenDue(input.leaseId, signal);
        try {
          await room.mlnode(input.leaseId).state(signal);
          return work.model();
        } catch (error) {
          if (signal.aborted) throw error;
          log.debug({ leaseId: input.leaseId, fault: toFault(error) }, 'mlnode.not_up_yet');
          await clock.sleep(mlnodePauseMs, signal);
        }
      }
    },

    loadModel: async ({ input, signal }: Call<{ leaseId: string; model: string }>) => {
      await room.reopened(input.leaseId, signal);
      const ending = new AbortController();
      const either = AbortSignal.any([signal, ending.signal]);
      void renewing(input.leaseId, either);
      try {
        await work.load(input.leaseId, input.model, signal);
        return null;
      } finally {
        ending.abort();
      }
    },

    qualifyMachine: async ({
      input,
      signal,
    }: Call<{ leaseId: string; gpuCount: number; model: string | null }>) => {
      await room.reopened(input.leaseId, signal);
      lifeLine.renewWhenDue(input.leaseId, signal);
      return work.qualify(input, signal);
    },

    watchMachine: async ({ input, signal }: Call<{ leaseId: string; instanceId: number }>) => {
      void room.reopened(input.leaseId, signal).catch(() => {});
      const absence = stopwatch(clock);
      const tunnelLoss = stopwatch(clock);
      const mlnodeLoss = stopwatch(clock);
      for (let isCalm = true; ; ) {
        await clock.sleep(watchPauseMs, signal, isCalm ? 'lease.watchMachine' : undefined);
        lifeLine.renewWhenDue(input.leaseId, signal);
        const broken = room.brokenFault(input.leaseId);
        if (broken !== undefined)
          throw new HybridError({ code: broken.code, message: broken.message }, { class: 'terminal' });
        if (tunnelLoss.exceeds(!room.isOpen(input.leaseId), tunnelLostLimitMs)) {
          throw new HybridError(
            { code: 'SSH_LOST', message: 'the tunnel did not come back' },
            { class: 'terminal' },
          );
        }
        if (mlnodeLoss.exceeds(await isMlnodeSilent(input.leaseId, signal), mlnodeLostLimitMs)) {
          throw new HybridError(
            { code: 'MLNODE_UNREACHABLE', message: 'the ML node on the machine answers no more' },
            { class: 'terminal' },
          );
        }
        const instances = await listed(signal);
        isCalm = instances !== undefined && !tunnelLoss.isRunning && !mlnodeLoss.isRunning;
        if (instances === undefined) continue;
        const instance = instances.find((row) => row.instanceId === input.instanceId);
        if (instance === undefined) isCalm = false;
        if (absence.exceeds(instance === undefined, absenceLimitMs)) throw vanished(input.instanceId);
        if (instance !== undefined) throwIfFailed(instance);
      }
    },

    destroyInstance: async ({ input, signal }: Call<{ leaseId: string; instanceId: number }>) => {
      room.close(input.leaseId);
      return vast.destroy(input.instanceId, signal);
    },

    confirmAbsence: async ({ input, signal }: Call<{ instanceId: number; createdAt: UnixMs }>) => {
      // A list that does not have a fresh instance yet proves nothing.
      const unsettledMs = input.createdAt + settleMs - clock.now();
      if (unsettledMs > 0) await clock.sleep(unsettledMs, signal);
      const until = clock.now() + destroyLimitMs;
      while (isListed(await vast.list(signal), input.instanceId)) {
        if (clock.now() > until) return { isGone: false };
        await clock.sleep(goingPauseMs, signal);
      }
      await clock.sleep(proofGapMs + 500, signal);
      if (isListed(await vast.list(signal), input.instanceId)) return { isGone: false };
      return { isGone: (await vast.show(input.instanceId, signal)) === null };
    },
  };
  return effects as unknown as Effects;

  /** A model takes longer to load than a machine lives without us. */
  async function renewing(leaseId: string, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      lifeLine.renewWhenDue(leaseId, signal);
      await clock.sleep(renewPauseMs, signal, 'lease.renewing').catch(() => {});
    }
  }

  /** Through an open tunnel only: a lost one says nothing about the program behind it. */
  async function isMlnodeSilent(leaseId: string, signal: AbortSignal): Promise<boolean> {
    if (!room.isOpen(leaseId)) return false;
    try {
      await room.mlnode(leaseId).state(signal);
      return false;
    } catch (error) {
      return !signal.aborted && toFault(error).code === 'MLNODE_UNREACHABLE';
    }
  }

  async function untilRunning(
    instanceId: number,
    signal: AbortSignal,
  ): Promise<{ instance: Instance; looks: number }> {
    const absence = stopwatch(clock);
    for (let looks = 1; ; looks++) {
      const instances = await listed(signal);
      if (instances !== undefined) {
        const instance = instances.find((row) => row.instanceId === instanceId);
        if (absence.exceeds(instance === undefined, absenceLimitMs)) throw vanished(instanceId);
        if (instance !== undefined) {
          throwIfFailed(instance);
          if (verdict(instance).kind === 'running' && instance.endpoints.length > 0) {
            return { instance, looks };
          }
        }
      }
      const isCalm = instances !== undefined && !absence.isRunning;
      await clock.sleep(listPauseMs, signal, isCalm ? 'lease.awaitRunning' : undefined);
    }
  }

  /** A list that proves nothing is no news: only a key or credit problem goes up. */
  async function listed(signal: AbortSignal): Promise<readonly Instance[] | undefined> {
    try {
      return (await vast.list(signal)).instances;
    } catch (error) {
      if (signal.aborted) throw error;
      log.debug({ fault: toFault(error) }, 'vast.list_unknown');
      return undefined;
    }
  }
}

/** Whatever the adapter did not classify may have left us with a machine: only its own word says otherwise. */
function unknownUnlessSaid(error: unknown): never {
  if (error instanceof HybridError) throw error;
  throw new HybridError(
    { code: 'VAST_CREATE_UNKNOWN', message: `the create broke off: ${toFault(error).message}` },
    { cause: error },
  );
}

const isListed = (list: InstanceList, instanceId: number): boolean =>
  list.instances.some((instance) => instance.instanceId === instanceId);

const vanished = (instanceId: number): HybridError =>
  new HybridError({ code: 'VAST_INSTANCE_FAILED', message: `instance ${instanceId} is not listed any more` });

function throwIfFailed(instance: Instance): void {
  const judged = verdict(instance);
  if (judged.kind !== 'failed') return;
  const fault = judged.fault;
  throw new HybridError({ code: fault.code, message: fault.message }, { class: fault.class });
}

function onstart(config: Config, ttlMs: number): string {
  const lifeSeconds = Math.max(3, Math.ceil(ttlMs / config.timeScale / 1_000));
  const stepSeconds = Math.max(1, Math.floor(lifeSeconds / 20));
  return onstartText({
    mlnodePort: config.mlnodePort,
    ...(config.machineModel.imageKind === 'vllm' ? {} : { startCommand: config.vast.mlnodeStartCommand }),
    // Seen over at the next look at the latest, and then still within the time to live.
    ttlSeconds: lifeSeconds - stepSeconds,
    stepSeconds,
    retrySeconds: Math.max(1, Math.ceil(30 / config.timeScale)),
    vastBaseUrl: config.vast.baseUrl,
    ...(config.vast.onstartExtra === undefined ? {} : { extra: config.vast.onstartExtra }),
  });
}
