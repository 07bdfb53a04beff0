import { assign, setup } from 'xstate';
import type { Fault } from '../errors.ts';
import { type MicroUsdPerHour, type UnixMs, unixMs } from '../units.ts';
import type { LeaseContext, LeaseEvent, LeaseInput, LeasedOffer, MachineEndpoint } from './lease-context.ts';
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
    awaitMlnode: notWired<null, { leaseId: string }>('awaitMlnode'),
    qualifyMachine: notWired<{ gpus: readonly string[] }, { leaseId: string; gpuCount: number }>(
      'qualifyMachine',
    ),
    watchMachine: notWired<never, { leaseId: string; instanceId: number }>('watchMachine'),
    destroyInstance: notWired<'accepted' | 'no_such_instance', { leaseId: string; instanceId: number }>(
      'destroyInstance',
    ),
    confirmAbsence: notWired<{ isGone: boolean }, { instanceId: number }>('confirmAbsence'),
  },
  guards: {
    isReleaseAsked: ({ context }) => context.isReleaseAsked,
    wasFound: (_, params: { instanceId: number | null }) => params.instanceId !== null,
    wasFoundButUnwanted: ({ context }, params: { instanceId: number | null }) =>
      params.instanceId !== null && context.isReleaseAsked,
    hasUnknownOutcome: (_, params: { fault: Fault }) => params.fault.class === 'unknown-outcome',
    isAbsent: (_, params: { isGone: boolean }) => params.isGone,
  },
  delays: {
    loadLimit: ({ context }) => context.limits.loadMs,
    connectLimit: ({ context }) => context.limits.connectMs,
    startLimit: ({ context }) => context.limits.startMs,
    qualifyLimit: 2 * minuteMs,
    lookUpPause: 15_000,
    /** Destroy is retried for ever (invariant I3), at most once a minute. */
    destroyPause: ({ context }) => Math.min(minuteMs, 3_000 * 2 ** Math.min(context.destroyTries, 5)),
    confirmPause: 10_000,
  },
  actions: {
    ...writes,
    noteCreated: assign({ instanceId: (_, params: { instanceId: number }) => params.instanceId }),
    noteReleaseAsked: assign({
      isReleaseAsked: true,
      reason: ({ context }, params: { reason: string }) => context.reason ?? params.reason,
    }),
    noteFault: assign({
      fault: ({ context }, params: { fault: Fault }) => context.fault ?? params.fault,
      reason: ({ context }, params: { fault: Fault }) => context.reason ?? params.fault.code,
    }),
    noteTimeout: assign({
      fault: ({ context }, params: { what: string }) =>
        context.fault ?? {
          code: 'MACHINE_NEVER_BOOTED',
          class: 'terminal',
          message: `${params.what} took too long`,
        },
      reason: ({ context }) => context.reason ?? 'MACHINE_NEVER_BOOTED',
    }),
    noteRunning: assign({
      endpoints: (_, params: { endpoints: readonly MachineEndpoint[]; runningAt: number }) =>
        params.endpoints,
      runningAt: (_, params) => unixMs(params.runningAt),
      ttlUntil: ({ context }, params) => unixMs(params.runningAt + context.ttlMs),
    }),
    noteHostKey: assign({ hostKey: (_, params: { hostKey: string }) => params.hostKey }),
    noteReady: assign({ readyAt: (_, params: { at: number }) => unixMs(params.at) }),
    countDestroyTry: assign({ destroyTries: ({ context }) => context.destroyTries + 1 }),
  },
});
