import { assign, setup } from 'xstate';
import type { ErrorCode, Fault } from '../errors.ts';
import { type MicroUsd, type MicroUsdPerHour, type UnixMs, unixMs } from '../units.ts';
import type {
  LeaseContext,
  LeaseEvent,
  LeaseInput,
  LeasedOffer,
  MachineEndpoint,
  MachineFacts,
  ModelProgress,
} from './lease-context.ts';
import { notWired } from './not-wired.ts';
import type { TunnelInput } from './tunnel.ts';
import { writes } from './writes.ts';

const minuteMs = 60_000;

/** Everything that the lease chart names: its actors, guards, delays and notes. */
export const leaseSetup = setup({
  types: {
    context: {} as LeaseContext,
    events: {} as LeaseEvent,
    input: {} as LeaseInput,
    tags: {} as 'paying' | 'usable',
  },
  actors: {
    createInstance: notWired<
      { instanceId: number },
      { leaseId: string; label: string; offer: LeasedOffer; callbackPort: number; ttlMs: number }
    >('createInstance'),
    lookUpLabel: notWired<{ instanceId: number | null }, { label: string }>('lookUpLabel'),
    awaitRunning: notWired<
      { endpoints: readonly MachineEndpoint[]; price: MicroUsdPerHour; runningAt: UnixMs | null },
      { instanceId: number; priceMax: MicroUsdPerHour }
    >('awaitRunning'),
    openTunnel: notWired<{ hostKey: string }, TunnelInput>('openTunnel'),
    /** The model that has to be loaded for the work to come; null when it needs none. */
    awaitMlnode: notWired<{ model: string } | null, { leaseId: string }>('awaitMlnode'),
    loadModel: notWired<null, { leaseId: string; model: string }>('loadModel'),
    qualifyMachine: notWired<MachineFacts, { leaseId: string; gpuCount: number; model: string | null }>(
      'qualifyMachine',
    ),
    watchMachine: notWired<never, { leaseId: string; instanceId: number }>('watchMachine'),
    destroyInstance: notWired<'accepted' | 'no_such_instance', { leaseId: string; instanceId: number }>(
      'destroyInstance',
    ),
    confirmAbsence: notWired<{ isGone: boolean }, { instanceId: number; createdAt: UnixMs }>(
      'confirmAbsence',
    ),
  },
  guards: {
    isReleaseAsked: ({ context }) => context.isReleaseAsked,
    wasFound: (_, params: { instanceId: number | null }) => params.instanceId !== null,
    wasFoundButUnwanted: ({ context }, params: { instanceId: number | null }) =>
      params.instanceId !== null && context.isReleaseAsked,
    hasUnknownOutcome: (_, params: { fault: Fault }) => params.fault.class === 'unknown-outcome',
    isPortSilent: (_, params: MachineFacts) => params.callbackPath === 'toRelay',
    needsModel: (_, params: { model: string | null }) => params.model !== null,
    isAbsent: (_, params: { isGone: boolean }) => params.isGone,
  },
  delays: {
    loadLimit: ({ context }) => context.limits.loadMs,
    connectLimit: ({ context }) => context.limits.connectMs,
    startLimit: ({ context }) => context.limits.startMs,
    modelLimit: ({ context }) => context.limits.modelMs ?? 45 * minuteMs,
    qualifyLimit: 5 * minuteMs,
    lookUpPause: 15_000,
    /** Destroy is retried for ever (invariant I3), at most once a minute. */
    destroyPause: ({ context }) => Math.min(minuteMs, 3_000 * 2 ** Math.min(context.destroyTries, 5)),
    confirmPause: 10_000,
  },
  actions: {
    ...writes,
    noteCreated: assign({
      instanceId: (_, params: { instanceId: number; at: UnixMs }) => params.instanceId,
      createdAt: (_, params) => params.at,
    }),
    noteReleaseAsked: assign({
      isReleaseAsked: true,
      reason: ({ context }, params: { reason: string }) => context.reason ?? params.reason,
    }),
    noteFault: assign({
      fault: ({ context }, params: { fault: Fault }) => context.fault ?? params.fault,
      reason: ({ context }, params: { fault: Fault }) => context.reason ?? params.fault.code,
    }),
    noteTimeout: assign({
      fault: ({ context }, { what, code }: { what: string; code: ErrorCode }) =>
        context.fault ?? { code, class: 'terminal', message: `${what} took too long` },
      reason: ({ context }, { code }) => context.reason ?? code,
    }),
    noteRunning: assign({
      endpoints: (_, params: { endpoints: readonly MachineEndpoint[]; runningAt: number }) =>
        params.endpoints,
      runningAt: (_, params) => unixMs(params.runningAt),
      ttlUntil: ({ context }, params) => unixMs(params.runningAt + context.ttlMs),
    }),
    noteOwner: assign({
      owner: (_, params: { owner: string; reserved: MicroUsd; at: UnixMs }) => params.owner,
      reserved: (_, params) => params.reserved,
      ownedSince: (_, params) => params.at,
    }),
    noteHostKey: assign({ hostKey: (_, params: { hostKey: string }) => params.hostKey }),
    noteModel: assign({ model: (_, params: { model: string | null }) => params.model }),
    noteProgress: assign({ modelProgress: (_, params: { progress: ModelProgress }) => params.progress }),
    noteReady: assign({
      readyAt: (_, params: { at: number; facts: MachineFacts }) => unixMs(params.at),
      facts: (_, params) => params.facts,
      modelProgress: null,
    }),
    countDestroyTry: assign({ destroyTries: ({ context }) => context.destroyTries + 1 }),
  },
});
