import { meteredCost } from '../policy/metering.ts';
import { microUsd, type MicroUsd } from '../units.ts';
import type { LeaseContext } from './lease-context.ts';
import { leaseSetup } from './lease-setup.ts';
import { atOf, faultOf } from './stamp.ts';

/** Tells the epoch that wants this machine what became of it. */
export const tellOwner = (type: string) =>
  ({
    type: 'tell',
    params: ({ context }: { context: LeaseContext }) => ({
      to: context.owner,
      event: {
        type,
        leaseId: context.leaseId,
        machineId: context.offer.machineId,
        fault: context.fault,
        reason: context.reason,
      },
    }),
  }) as const;

/** The machine belongs to another row from now on, and so does what it may cost. */
export const noteHandOver = [
  {
    type: 'noteOwner',
    params: ({ event }: { event: { owner: string; reserved: MicroUsd } }) => ({
      owner: event.owner,
      reserved: event.reserved,
      at: atOf(event),
    }),
  },
  { type: 'reserve', params: ({ context }: { context: LeaseContext }) => ({ amount: context.reserved }) },
] as const;
/** The new owner counts on a machine that is on its way out: it must hear so. */
const handedOverTooLate = {
  'LEASE.HANDED_OVER': { actions: [...noteHandOver, tellOwner('LEASE.ENDED')] },
} as const;

/** Destroy is retried for ever, with an alert (invariant I3). */
export const releasing = leaseSetup.createStateConfig({
  tags: 'paying',
  entry: [
    { type: 'keepLease', params: ({ context }) => ({ instanceId: context.instanceId }) },
    tellOwner('LEASE.ENDED'),
    // What we present must be true at once: no machine, no PoC.
    {
      type: 'tell',
      params: ({ context }) => ({
        to: 'service',
        event: { type: 'MACHINE.LOST', leaseId: context.leaseId },
      }),
    },
  ],
  initial: 'destroying',
  on: handedOverTooLate,
  states: {
    destroying: {
      invoke: {
        id: 'destroyInstance',
        src: 'destroyInstance',
        input: ({ context }) => ({ leaseId: context.leaseId, instanceId: context.instanceId ?? 0 }),
        onDone: { target: '#lease.confirmingGone' },
        onError: {
          target: 'pausing',
          actions: [
            'countDestroyTry',
            {
              type: 'raiseAlert',
              params: ({ event, context }) => ({
                key: `destroy:${context.leaseId}`,
                code: faultOf(event).code,
                message: `instance ${context.instanceId} is not destroyed yet: ${faultOf(event).message}`,
              }),
            },
          ],
        },
      },
    },
    pausing: { after: { destroyPause: 'destroying' } },
  },
});

/** Gone is what two lists that count lack, ten seconds apart, and then is not known by its id (invariant I2). */
export const confirmingGone = leaseSetup.createStateConfig({
  tags: 'paying',
  initial: 'looking',
  on: handedOverTooLate,
  states: {
    looking: {
      invoke: {
        id: 'confirmAbsence',
        src: 'confirmAbsence',
        input: ({ context }) => ({
          instanceId: context.instanceId ?? 0,
          createdAt: context.createdAt ?? context.openedAt,
        }),
        onDone: [
          { guard: { type: 'isAbsent', params: ({ event }) => event.output }, target: '#lease.gone' },
          { target: '#lease.releasing.pausing', actions: 'countDestroyTry' },
        ],
        onError: 'pausing',
      },
    },
    pausing: { after: { confirmPause: 'looking' } },
  },
});

/** The end of a lease: what it cost is settled in the same step. */
export const gone = leaseSetup.createStateConfig({
  type: 'final',
  entry: [
    {
      type: 'settle',
      params: ({ context, event }) => ({
        amount:
          context.instanceId === null
            ? microUsd(0)
            : meteredCost({
                gpuPrice: context.offer.gpuPrice,
                diskPrice: context.offer.diskPrice,
                createdAt: context.openedAt,
                runningAt: context.runningAt,
                endedAt: atOf(event),
                trafficUsd: context.offer.trafficUsd,
              }),
      }),
    },
    { type: 'keepLease', params: { isGone: true } },
    { type: 'clearAlert', params: ({ context }) => ({ key: `destroy:${context.leaseId}` }) },
    tellOwner('LEASE.GONE'),
  ],
});
