import { assign, setup } from 'xstate';
import type { Fault } from '../errors.ts';
import { notWired } from './not-wired.ts';
import { faultOf } from './stamp.ts';
import { writes } from './writes.ts';

/** How the admin API's list compares with the definition that we want there. */
export interface RegistrationCheck {
  readonly isListed: boolean;
  readonly differences: readonly string[];
  /** Number that the Network Node gave us; it changes when that program restarts. */
  readonly nodeNum: number | null;
}

export interface RegistrationContext {
  readonly nodeNum: number | null;
  /** The number before that one: the Network Node restarted, or somebody removed and added the node. */
  readonly formerNodeNum: number | null;
  readonly differences: readonly string[];
  readonly fault: Fault | null;
  /** Upserts taken since the list last agreed: a definition that never sticks is an operator's problem. */
  readonly upserts: number;
}

export type RegistrationEvent = { readonly type: 'REGISTRATION.RECHECK_ASKED' };

const agrees = (check: RegistrationCheck): boolean => check.isListed && check.differences.length === 0;
const noteAndAlert = [
  { type: 'noteFault', params: ({ event }: { event: unknown }) => ({ fault: faultOf(event) }) },
  {
    type: 'raiseAlert',
    params: ({ event }: { event: unknown }) => ({ key: 'registration', ...faultOf(event) }),
  },
] as const;

/**
 * One writer of our node definition: upsert, then the list is the proof. The row never registers twice and never
 * deletes: a re-registration would cost the node its number (docs/reference/protocol.md "Admin API").
 */
export const registrationMachine = setup({
  types: { context: {} as RegistrationContext, events: {} as RegistrationEvent },
  actors: {
    compareDefinition: notWired<RegistrationCheck, null>('compareDefinition'),
    upsertDefinition: notWired<null, null>('upsertDefinition'),
  },
  guards: {
    agrees: (_, params: RegistrationCheck) => agrees(params),
    neverSticks: ({ context }) => context.upserts >= 3,
    needsPerson: (_, params: { fault: Fault }) => params.fault.class === 'operator',
  },
  delays: { checkPause: 60_000, retryPause: 15_000, operatorPause: 300_000 },
  actions: {
    ...writes,
    noteCheck: assign({
      nodeNum: ({ context }, params: RegistrationCheck) => params.nodeNum ?? context.nodeNum,
      formerNodeNum: ({ context }, { nodeNum }) =>
        nodeNum !== null && context.nodeNum !== null && nodeNum !== context.nodeNum
          ? context.nodeNum
          : context.formerNodeNum,
      differences: (_, params) => params.differences,
      upserts: ({ context }, params) => (agrees(params) ? 0 : context.upserts),
      fault: ({ context }, params) => (agrees(params) ? null : context.fault),
    }),
    noteFault: assign({ fault: (_, params: { fault: Fault }) => params.fault }),
    countUpsert: assign({ upserts: ({ context }) => context.upserts + 1 }),
    forgetUpserts: assign({ upserts: 0 }),
  },
}).createMachine({
  id: 'registration',
  initial: 'checking',
  options: { maxIterations: 100 },
  context: { nodeNum: null, formerNodeNum: null, differences: [], fault: null, upserts: 0 },
  on: { 'REGISTRATION.RECHECK_ASKED': '.checking' },
  states: {
    checking: {
      invoke: {
        id: 'compareDefinition',
        src: 'compareDefinition',
        input: null,
        onDone: [
          {
            guard: { type: 'agrees', params: ({ event }) => event.output },
            target: 'registered',
            actions: { type: 'noteCheck', params: ({ event }) => event.output },
          },
          {
            guard: 'neverSticks',
            target: 'refused',
            actions: [
              { type: 'noteCheck', params: ({ event }) => event.output },
              {
                type: 'raiseAlert',
                params: ({ event }) => ({
                  key: 'registration',
                  code: 'NETWORK_NODE_REFUSED',
                  message: `the node list still differs after three upserts: ${event.output.differences.join(', ')}`,
                }),
              },
            ],
          },
          { target: 'registering', actions: { type: 'noteCheck', params: ({ event }) => event.output } },
        ],
        onError: [
          {
            guard: { type: 'needsPerson', params: ({ event }) => ({ fault: faultOf(event) }) },
            target: 'refused',
            actions: noteAndAlert,
          },
          { target: 'waiting', actions: noteAndAlert },
        ],
      },
    },
    registering: {
      invoke: {
        id: 'upsertDefinition',
        src: 'upsertDefinition',
        input: null,
        onDone: { target: 'checking', actions: 'countUpsert' },
        onError: [
          {
            guard: { type: 'needsPerson', params: ({ event }) => ({ fault: faultOf(event) }) },
            target: 'refused',
            actions: noteAndAlert,
          },
          { target: 'waiting', actions: noteAndAlert },
        ],
      },
    },
    registered: {
      entry: { type: 'clearAlert', params: { key: 'registration' } },
      after: { checkPause: 'checking' },
    },
    waiting: { after: { retryPause: 'checking' } },
    /** What stood in the way may be mended meanwhile: the next look may upsert again. */
    refused: { exit: 'forgetUpserts', after: { operatorPause: 'checking' } },
  },
});
