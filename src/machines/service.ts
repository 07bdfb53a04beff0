import { assign, setup } from 'xstate';
import {
  isLastJob,
  isPocV2Machine,
  noPocV2,
  pocV2After,
  type PocV2Context,
  type PocV2Event,
} from './poc-v2-context.ts';
import {
  fleetAlert,
  hasMachine,
  marked,
  othersWork,
  type PostedBatch,
  type PowMachine,
  type PowSharing,
  type RunningPow,
  withBatch,
  withMachines,
} from './running-pow.ts';
import { serviceInference } from './service-inference.ts';
import { writes } from './writes.ts';

export type { RunningPow } from './running-pow.ts';

export interface ServiceContext extends PocV2Context {
  readonly pow: RunningPow | null;
  /** Null while a node of one machine has nothing to share. */
  readonly sharing: PowSharing | null;
  /** Of the last PoC, until inference is up again: a machine that replaces a lost one takes over what it left. */
  readonly postedBatches: readonly PostedBatch[];
  /** The Network Node's last `inference/up` body, for a later model start. */
  readonly inferenceUpBody: string | null;
}

export type ServiceEvent =
  | PocV2Event
  | { readonly type: 'NODE.STOPPED' }
  | { readonly type: 'NODE.INFERENCE_UP'; readonly body: string }
  | { readonly type: 'NODE.INFERENCE_DOWN' }
  | { readonly type: 'POW.INITIALISED'; readonly pow: RunningPow }
  | { readonly type: 'POW.GENERATING'; readonly pow: RunningPow }
  | { readonly type: 'POW.VALIDATING'; readonly pow: RunningPow }
  | { readonly type: 'POW.PHASE_GENERATE' }
  | { readonly type: 'POW.PHASE_VALIDATE' }
  | { readonly type: 'POW.SHARED'; readonly sharing: PowSharing }
  | { readonly type: 'POW.MACHINE_TOOK'; readonly leaseId: string }
  | {
      readonly type: 'POW.MACHINE_MISSED';
      readonly leaseId: string;
      /** `asked`: nothing is known of it, it is asked again; `refused`: it said no. */
      readonly standing: 'asked' | 'refused';
      readonly why: string;
    }
  | { readonly type: 'POW.MACHINE_JOINED'; readonly machine: PowMachine }
  | {
      readonly type: 'POW.BATCH_POSTED';
      readonly digest: string;
      readonly blockHash: string;
      readonly leaseId: string;
    }
  | { readonly type: 'POW.BATCH_TAKEN'; readonly digest: string }
  | { readonly type: 'POW.BATCH_JUDGED'; readonly digest: string }
  | { readonly type: 'POW.STOPPED' }
  | { readonly type: 'MACHINE.LOST'; readonly leaseId: string };

/**
 * What the permanent node presents, by the rules of the real one (docs/reference/protocol.md "One-service rule"):
 * answered from memory whatever the machine does, and POW only once a machine has acknowledged the work.
 */
export const serviceMachine = setup({
  types: { context: {} as ServiceContext, events: {} as ServiceEvent },
  guards: {
    isOtherPow: ({ context }, params: { pow: RunningPow }) =>
      context.pow !== null && context.pow.blockHash !== params.pow.blockHash,
    isLastJob: ({ context, event }) => isLastJob(context, event),
    isPocV2Machine: ({ context, event }) => isPocV2Machine(context, event),
    isLastMachine: ({ context }, params: { leaseId: string }) =>
      hasMachine(context.pow, params.leaseId) && !othersWork(context.pow, params.leaseId),
    isLastMissing: ({ context }, params: { leaseId: string }) =>
      context.pow?.machines.every((one) => one.leaseId === params.leaseId || one.standing === 'working') ===
      true,
    isOneOfSeveral: ({ context }, params: { leaseId: string }) =>
      hasMachine(context.pow, params.leaseId) && othersWork(context.pow, params.leaseId),
  },
  actions: {
    ...writes,
    notePow: assign({
      pow: (_, params: { pow: RunningPow }) => params.pow,
      postedBatches: ({ context }, params) =>
        context.postedBatches.filter(({ blockHash }) => blockHash === params.pow.blockHash),
    }),
    forgetPow: assign({ pow: null }),
    forgetEpisode: assign({ sharing: null, postedBatches: [] }),
    noteSharing: assign({ sharing: (_, params: { sharing: PowSharing }) => params.sharing }),
    noteStanding: assign({
      pow: ({ context }, params: { leaseId: string; standing: PowMachine['standing'] }) =>
        withMachines(context.pow, (machines) =>
          machines.map((machine) =>
            machine.leaseId === params.leaseId ? { ...machine, standing: params.standing } : machine,
          ),
        ),
    }),
    noteJoined: assign({
      pow: ({ context }, params: { machine: PowMachine }) =>
        withMachines(context.pow, (machines) => [
          ...machines.filter(({ leaseId }) => leaseId !== params.machine.leaseId),
          params.machine,
        ]),
    }),
    noteBatch: assign({
      postedBatches: ({ context }, params: { digest: string; blockHash: string; leaseId: string }) =>
        withBatch(context.postedBatches, params),
    }),
    noteTaken: assign({
      postedBatches: ({ context }, params: { digest: string }) =>
        marked(context.postedBatches, params.digest, { isTaken: true }),
    }),
    noteVerdict: assign({
      postedBatches: ({ context }, params: { digest: string }) =>
        marked(context.postedBatches, params.digest, { isTaken: true, isJudged: true }),
    }),
    notePocV2: assign(({ context, event }) => pocV2After(context, event)),
    noteUp: assign({ inferenceUpBody: (_, params: { body: string }) => params.body }),
  },
}).createMachine({
  id: 'service',
  initial: 'inference',
  options: { maxIterations: 100 },
  context: { pow: null, sharing: null, postedBatches: [], inferenceUpBody: null, ...noPocV2 },
  on: {
    'NODE.STOPPED': '.stopped',
    'NODE.INFERENCE_UP': {
      target: '.inference',
      actions: ['forgetEpisode', { type: 'noteUp', params: ({ event }) => ({ body: event.body }) }],
    },
    'NODE.POC_CALLED': { actions: 'notePocV2' },
    'NODE.POC_V2_POLLED': { actions: 'notePocV2' },
    // A verdict that a stop overtook is still a verdict.
    'POC_V2.VERDICT': { actions: 'notePocV2' },
    'POC_V2.JOB_REFUSED': { actions: 'notePocV2' },
    'POW.SHARED': { actions: { type: 'noteSharing', params: ({ event }) => event } },
  },
  states: {
    inference: serviceInference,
    pow: {
      initial: 'idle',
      exit: ['forgetPow', { type: 'clearAlert', params: { key: 'fleet' } }],
      on: {
        'POW.INITIALISED': [
          {
            guard: { type: 'isOtherPow', params: ({ event }) => event },
            target: '.idle',
            actions: [
              { type: 'notePow', params: ({ event }) => event },
              { type: 'clearAlert', params: { key: 'fleet' } },
            ],
          },
          { target: '.idle', actions: { type: 'notePow', params: ({ event }) => event } },
        ],
        'POW.GENERATING': [
          {
            guard: { type: 'isOtherPow', params: ({ event }) => event },
            target: '.generating',
            actions: [
              { type: 'notePow', params: ({ event }) => event },
              { type: 'clearAlert', params: { key: 'fleet' } },
            ],
          },
          { target: '.generating', actions: { type: 'notePow', params: ({ event }) => event } },
        ],
        'POW.VALIDATING': {
          target: '.validating',
          actions: { type: 'notePow', params: ({ event }) => event },
        },
        'POW.PHASE_GENERATE': '.generating',
        'POW.PHASE_VALIDATE': '.validating',
        'POW.MACHINE_TOOK': [
          {
            guard: { type: 'isLastMissing', params: ({ event }) => event },
            actions: [
              { type: 'noteStanding', params: ({ event }) => tookPart(event) },
              { type: 'clearAlert', params: { key: 'fleet' } },
            ],
          },
          { actions: { type: 'noteStanding', params: ({ event }) => tookPart(event) } },
        ],
        'POW.MACHINE_MISSED': {
          actions: [
            { type: 'noteStanding', params: ({ event }) => event },
            {
              type: 'raiseAlert',
              params: ({ event, context }) => fleetAlert(context.pow, event.leaseId, event.why),
            },
          ],
        },
        'POW.MACHINE_JOINED': { actions: { type: 'noteJoined', params: ({ event }) => event } },
        'POW.BATCH_POSTED': { actions: { type: 'noteBatch', params: ({ event }) => event } },
        'POW.BATCH_TAKEN': { actions: { type: 'noteTaken', params: ({ event }) => event } },
        'POW.BATCH_JUDGED': { actions: { type: 'noteVerdict', params: ({ event }) => event } },
        'POW.STOPPED': 'stopped',
        'MACHINE.LOST': [
          // Truthful at once: a state that is not POW makes the Network Node start again, on the next machine.
          { guard: { type: 'isLastMachine', params: ({ event }) => event }, target: 'stopped' },
          {
            guard: { type: 'isOneOfSeveral', params: ({ event }) => event },
            actions: [
              {
                type: 'noteStanding',
                params: ({ event }) => ({ leaseId: event.leaseId, standing: 'lost' }),
              },
              {
                type: 'raiseAlert',
                params: ({ event, context }) => fleetAlert(context.pow, event.leaseId, 'the machine is lost'),
              },
            ],
          },
        ],
      },
      states: { idle: {}, generating: {}, validating: {} },
    },
    stopped: {
      on: {
        'POW.INITIALISED': { target: 'pow.idle', actions: { type: 'notePow', params: ({ event }) => event } },
        'POW.GENERATING': {
          target: 'pow.generating',
          actions: { type: 'notePow', params: ({ event }) => event },
        },
        'POW.VALIDATING': {
          target: 'pow.validating',
          actions: { type: 'notePow', params: ({ event }) => event },
        },
      },
    },
  },
});

const tookPart = ({ leaseId }: { leaseId: string }) => ({ leaseId, standing: 'working' }) as const;
