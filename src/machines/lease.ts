import {
  bootFailed,
  bootTookTooLong,
  releaseNow,
  releaseLater,
  noteReady,
  portSilent,
} from './lease-boot.ts';
import { confirmingGone, gone, noteHandOver, releasing, tellOwner } from './lease-ending.ts';
import { leaseSetup } from './lease-setup.ts';
import { atOf, faultOf } from './stamp.ts';

const created = (event: { readonly output: { readonly instanceId: number | null } }) => ({
  instanceId: event.output.instanceId ?? 0,
  at: atOf(event),
});

/** One rental attempt, from the intent to the proof that the machine is gone. One row a machine. */
export const leaseMachine = leaseSetup.createMachine({
  id: 'lease',
  initial: 'intended',
  options: { maxIterations: 100 },
  context: ({ input }) => ({
    ...input,
    ownedSince: null,
    instanceId: null,
    endpoints: [],
    hostKey: null,
    createdAt: null,
    runningAt: null,
    readyAt: null,
    model: null,
    modelProgress: null,
    facts: null,
    ttlUntil: null,
    isReleaseAsked: false,
    reason: null,
    fault: null,
    destroyTries: 0,
  }),
  on: { 'LEASE.HANDED_OVER': { actions: [...noteHandOver] } },
  states: {
    /** The row and its reservation are committed before anything is asked of the provider (invariants I1, I5). */
    intended: {
      entry: [
        { type: 'reserve', params: ({ context }) => ({ amount: context.reserved }) },
        {
          type: 'keepLease',
          params: ({ context }) => ({ label: context.label, price: context.offer.price }),
        },
      ],
      always: 'creating',
    },
    creating: {
      tags: 'paying',
      on: releaseLater,
      invoke: {
        id: 'createInstance',
        src: 'createInstance',
        input: ({ context }) => ({
          leaseId: context.leaseId,
          label: context.label,
          offer: context.offer,
          callbackPort: context.callbackPort,
          ttlMs: context.ttlMs,
        }),
        onDone: [
          {
            guard: 'isReleaseAsked',
            target: 'releasing',
            actions: { type: 'noteCreated', params: ({ event }) => created(event) },
          },
          { target: 'loading', actions: { type: 'noteCreated', params: ({ event }) => created(event) } },
        ],
        onError: [
          {
            guard: { type: 'hasUnknownOutcome', params: ({ event }) => ({ fault: faultOf(event) }) },
            target: 'lookingUp',
          },
          {
            target: 'gone',
            actions: [
              { type: 'noteFault', params: ({ event }) => ({ fault: faultOf(event) }) },
              tellOwner('LEASE.ENDED'),
            ],
          },
        ],
      },
    },
    /** The answer to the create was lost: the label decides, after a settle time; never a second create. */
    lookingUp: {
      tags: 'paying',
      on: releaseLater,
      initial: 'looking',
      states: {
        looking: {
          invoke: {
            id: 'lookUpLabel',
            src: 'lookUpLabel',
            input: ({ context }) => ({ label: context.label }),
            onDone: [
              {
                guard: { type: 'wasFoundButUnwanted', params: ({ event }) => event.output },
                target: '#lease.releasing',
                actions: {
                  type: 'noteCreated',
                  params: ({ event }) => created(event),
                },
              },
              {
                guard: { type: 'wasFound', params: ({ event }) => event.output },
                target: '#lease.loading',
                actions: {
                  type: 'noteCreated',
                  params: ({ event }) => created(event),
                },
              },
              {
                target: '#lease.gone',
                actions: [
                  {
                    type: 'noteFault',
                    params: {
                      fault: {
                        code: 'VAST_CREATE_UNKNOWN',
                        class: 'unknown-outcome',
                        message: 'the create was lost and no instance bears its label',
                      },
                    },
                  },
                  tellOwner('LEASE.ENDED'),
                ],
              },
            ],
            onError: 'pausing',
          },
        },
        pausing: { after: { lookUpPause: 'looking' } },
      },
    },
    loading: {
      tags: 'paying',
      entry: { type: 'keepLease', params: ({ context }) => ({ instanceId: context.instanceId }) },
      on: releaseNow,
      invoke: {
        id: 'awaitRunning',
        src: 'awaitRunning',
        input: ({ context }) => ({ instanceId: context.instanceId ?? 0, priceMax: context.offer.price }),
        onDone: {
          target: 'connecting',
          actions: {
            type: 'noteRunning',
            // Not seen to begin (the daemon was away): counted from the create, so that neither cost nor TTL is flattered.
            params: ({ event, context }) => ({
              endpoints: event.output.endpoints,
              runningAt: event.output.runningAt ?? context.openedAt,
            }),
          },
        },
        onError: bootFailed,
      },
      after: { loadLimit: bootTookTooLong('loading the image') },
    },
    connecting: {
      tags: 'paying',
      entry: {
        type: 'keepLease',
        params: ({ context }) => (context.ttlUntil === null ? {} : { ttlUntil: context.ttlUntil }),
      },
      on: releaseNow,
      invoke: {
        id: 'openTunnel',
        src: 'openTunnel',
        input: ({ context }) => ({
          leaseId: context.leaseId,
          endpoints: context.endpoints,
          hostKey: context.hostKey,
          callbackPort: context.callbackPort,
          authGraceMs: context.limits.authGraceMs,
        }),
        onDone: { target: 'starting', actions: { type: 'noteHostKey', params: ({ event }) => event.output } },
        onError: bootFailed,
      },
      after: { connectLimit: bootTookTooLong('the SSH login') },
    },
    starting: {
      tags: 'paying',
      on: releaseNow,
      invoke: {
        id: 'awaitMlnode',
        src: 'awaitMlnode',
        input: ({ context }) => ({ leaseId: context.leaseId }),
        onDone: [
          {
            guard: { type: 'needsModel', params: ({ event }) => ({ model: event.output?.model ?? null }) },
            target: 'loadingModel',
            actions: {
              type: 'noteModel',
              params: ({ event }) => ({ model: event.output?.model ?? null }),
            },
          },
          { target: 'qualifying' },
        ],
        onError: bootFailed,
      },
      after: { startLimit: bootTookTooLong('the start of the ML node') },
    },
    /** PoC v2 computes with the governance model itself, which has to be up before PoC starts. */
    loadingModel: {
      tags: 'paying',
      on: {
        ...releaseNow,
        'LEASE.MODEL_PROGRESS': {
          actions: { type: 'noteProgress', params: ({ event }) => ({ progress: event.progress }) },
        },
      },
      invoke: {
        id: 'loadModel',
        src: 'loadModel',
        input: ({ context }) => ({ leaseId: context.leaseId, model: context.model ?? '' }),
        onDone: 'qualifying',
        onError: bootFailed,
      },
      after: { modelLimit: bootTookTooLong('the start of the model', 'MODEL_START_SLOW') },
    },
    qualifying: {
      tags: 'paying',
      on: releaseNow,
      invoke: {
        id: 'qualifyMachine',
        src: 'qualifyMachine',
        input: ({ context }) => ({
          leaseId: context.leaseId,
          gpuCount: context.offer.gpuCount,
          model: context.model,
        }),
        onDone: [
          {
            guard: { type: 'isPortSilent', params: ({ event }) => event.output },
            target: 'held',
            actions: [noteReady, portSilent],
          },
          { target: 'held', actions: [noteReady, { type: 'clearAlert', params: { key: 'callbackPort' } }] },
        ],
        onError: bootFailed,
      },
      after: { qualifyLimit: bootTookTooLong('qualification') },
    },
    /** Usable. Left only when the plan, the operator or the machine itself ends it (invariant I6). */
    held: {
      tags: ['paying', 'usable'],
      entry: tellOwner('LEASE.READY'),
      on: {
        ...releaseNow,
        'LEASE.HANDED_OVER': { actions: [...noteHandOver, tellOwner('LEASE.READY')] },
      },
      invoke: {
        id: 'watchMachine',
        src: 'watchMachine',
        input: ({ context }) => ({ leaseId: context.leaseId, instanceId: context.instanceId ?? 0 }),
        onError: bootFailed,
      },
      initial: 'ready',
      states: {
        ready: { on: { 'LEASE.WORK_STARTED': 'working' } },
        working: {},
      },
    },
    releasing,
    confirmingGone,
    gone,
  },
});
