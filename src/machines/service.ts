import { assign, setup } from 'xstate';
import { writes } from './writes.ts';

/** A PoC that the Network Node has started on us and a machine has taken. */
export interface RunningPow {
  readonly leaseId: string;
  /** The init body exactly as the Network Node sent it: validate must equal generate in every field. */
  readonly initBody: string;
  readonly blockHash: string;
  readonly blockHeight: number;
  readonly publicKey: string;
  readonly nodeId: number;
  readonly nodeCount: number;
  /** Scheme, host and port to which callbacks go. */
  readonly callbackOrigin: string;
  /** Path (and query) of `url`, byte for byte. */
  readonly callbackPath: string;
}

export interface ServiceContext {
  readonly pow: RunningPow | null;
  /** Digests of the batches that were posted to the machine for validation (public key and nonces). */
  readonly postedBatches: readonly string[];
  /** The Network Node's last `inference/up` body, for a later model start. */
  readonly inferenceUpBody: string | null;
}

export type ServiceEvent =
  | { readonly type: 'NODE.STOPPED' }
  | { readonly type: 'NODE.INFERENCE_UP'; readonly body: string }
  | { readonly type: 'NODE.INFERENCE_DOWN' }
  | { readonly type: 'POW.INITIALISED'; readonly pow: RunningPow }
  | { readonly type: 'POW.GENERATING'; readonly pow: RunningPow }
  | { readonly type: 'POW.VALIDATING'; readonly pow: RunningPow }
  | { readonly type: 'POW.PHASE_GENERATE' }
  | { readonly type: 'POW.PHASE_VALIDATE' }
  | { readonly type: 'POW.BATCH_POSTED'; readonly digest: string }
  | { readonly type: 'POW.STOPPED' }
  | { readonly type: 'MACHINE.LOST'; readonly leaseId: string };

/** A network of so many participants would be ten times today's; beyond it the oldest batch is forgotten. */
const batchesMax = 4_096;

const sameInit = (a: RunningPow | null, b: RunningPow): boolean =>
  a?.initBody === b.initBody && a.leaseId === b.leaseId;

/**
 * What the permanent node presents, by the rules of the real one (docs/reference/protocol.md "One-service rule"):
 * answered from memory whatever the machine does, and POW only once a machine has acknowledged the work.
 */
export const serviceMachine = setup({
  types: { context: {} as ServiceContext, events: {} as ServiceEvent },
  guards: {
    isOurMachine: ({ context }, params: { leaseId: string }) => context.pow?.leaseId === params.leaseId,
  },
  actions: {
    ...writes,
    notePow: assign({
      pow: (_, params: { pow: RunningPow }) => params.pow,
      postedBatches: ({ context }, params) =>
        sameInit(context.pow, params.pow) ? context.postedBatches : [],
    }),
    forgetPow: assign({ pow: null, postedBatches: [] }),
    noteBatch: assign({
      postedBatches: ({ context }, params: { digest: string }) =>
        context.postedBatches.includes(params.digest)
          ? context.postedBatches
          : [...context.postedBatches, params.digest].slice(-batchesMax),
    }),
    noteUp: assign({ inferenceUpBody: (_, params: { body: string }) => params.body }),
  },
}).createMachine({
  id: 'service',
  initial: 'inference',
  options: { maxIterations: 100 },
  context: { pow: null, postedBatches: [], inferenceUpBody: null },
  on: {
    'NODE.STOPPED': '.stopped',
    'NODE.INFERENCE_UP': {
      target: '.inference',
      actions: { type: 'noteUp', params: ({ event }) => ({ body: event.body }) },
    },
  },
  states: {
    inference: { on: { 'NODE.INFERENCE_DOWN': 'stopped' } },
    pow: {
      initial: 'idle',
      exit: 'forgetPow',
      on: {
        'POW.INITIALISED': { target: '.idle', actions: { type: 'notePow', params: ({ event }) => event } },
        'POW.GENERATING': {
          target: '.generating',
          actions: { type: 'notePow', params: ({ event }) => event },
        },
        'POW.VALIDATING': {
          target: '.validating',
          actions: { type: 'notePow', params: ({ event }) => event },
        },
        'POW.PHASE_GENERATE': '.generating',
        'POW.PHASE_VALIDATE': '.validating',
        'POW.BATCH_POSTED': { actions: { type: 'noteBatch', params: ({ event }) => event } },
        'POW.STOPPED': 'stopped',
        // Truthful at once: a state that is not POW makes the Network Node start again, on the next machine.
        'MACHINE.LOST': { guard: { type: 'isOurMachine', params: ({ event }) => event }, target: 'stopped' },
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
