import { assign, setup } from 'xstate';

interface LeaseModelContext {
  /** The step before was a crash; so every event is also tried right after one. */
  readonly crashed: boolean;
  /** A release was asked while the answer to the create is still out. */
  readonly asked: boolean;
  /** Failed tries to destroy, and proofs that failed. */
  readonly tries: number;
}

type Note = Partial<LeaseModelContext>;
const note = (params: Note) => ({ type: 'note', params }) as const;
const step = <State extends string>(target: State, params: Note = {}) => ({ target, actions: note(params) });
const crash = (target: string) => ({ crash: { target, actions: note({ crashed: true }) } });
/** Once the outcome of the create is known, the wish that waited for it is honoured. */
const exists = (wanted: string) => [
  { guard: 'isAsked' as const, ...step('destroying', { asked: false }) },
  step(wanted, { asked: false }),
];
const none = step('gone', { asked: false });
const failing = (target: string) => ({ guard: 'hasTries' as const, target, actions: 'countTry' as const });
const booting = (state: string, faults: readonly string[], next: Record<string, string>) => ({
  tags: 'paying' as const,
  on: {
    ...Object.fromEntries(Object.entries(next).map(([event, target]) => [event, step(target)])),
    ...Object.fromEntries([...faults, 'tooLong', 'releaseAsked'].map((event) => [event, step('destroying')])),
    ...crash(state),
  },
});
const held = (state: string) => ({
  tags: ['paying' as const, 'usable' as const],
  on: {
    workStarted: step('working'),
    machineLost: step('destroying'),
    hostKeyChanged: step('destroying'),
    releaseAsked: step('destroying'),
    ...crash(state),
  },
});

/** A rental as its operator sees it: what is paid for, what can be used, and what ends it. Knows nothing of the chart. */
export const leaseModel = setup({
  types: { context: {} as LeaseModelContext, tags: {} as 'paying' | 'usable' },
  actions: {
    note: assign((_, params: Note) => ({ crashed: false, ...params })),
    countTry: assign({ crashed: false, tries: ({ context }) => context.tries + 1 }),
  },
  guards: { isAsked: ({ context }) => context.asked, hasTries: ({ context }) => context.tries < 2 },
}).createMachine({
  id: 'leaseModel',
  initial: 'creating',
  context: { crashed: false, asked: false, tries: 0 },
  states: {
    creating: {
      tags: 'paying',
      on: {
        created: exists('loading'),
        offerGone: none,
        noCredit: none,
        answerLost: step('lookingUp'),
        releaseAsked: step('creating', { asked: true }),
        // The answer is lost with the process.
        ...crash('lookingUp'),
      },
    },
    lookingUp: {
      tags: 'paying',
      on: {
        labelFound: exists('loading'),
        labelMissing: none,
        listUnknown: step('lookUpPause'),
        releaseAsked: step('lookingUp', { asked: true }),
        ...crash('lookingUp'),
      },
    },
    lookUpPause: {
      tags: 'paying',
      on: {
        pauseOver: step('lookingUp'),
        releaseAsked: step('lookUpPause', { asked: true }),
        ...crash('lookUpPause'),
      },
    },
    loading: booting('loading', ['hostFailed', 'imageMissing', 'overPrice'], { running: 'connecting' }),
    connecting: booting('connecting', ['loginFailed', 'hostKeyChanged'], { loggedIn: 'starting' }),
    starting: booting('starting', ['mlnodeFailed'], {
      mlnodeUp: 'qualifying',
      modelWanted: 'loadingModel',
    }),
    loadingModel: booting('loadingModel', ['modelFailed'], { modelUp: 'qualifying' }),
    qualifying: booting('qualifying', ['noGpu'], { qualified: 'ready' }),
    ready: held('ready'),
    working: held('working'),
    destroying: {
      tags: 'paying',
      on: {
        destroyed: step('proving'),
        neverWasThere: step('proving'),
        destroyFailed: failing('destroyPause'),
        releaseAsked: step('destroying'),
        ...crash('destroying'),
      },
    },
    destroyPause: {
      tags: 'paying',
      on: { pauseOver: step('destroying'), releaseAsked: step('destroyPause'), ...crash('destroyPause') },
    },
    proving: {
      tags: 'paying',
      on: {
        absent: step('gone', { tries: 0 }),
        stillListed: failing('destroyPause'),
        listUnknown: step('provePause'),
        releaseAsked: step('proving'),
        ...crash('proving'),
      },
    },
    provePause: {
      tags: 'paying',
      on: { pauseOver: step('proving'), releaseAsked: step('provePause'), ...crash('provePause') },
    },
    gone: { on: { releaseAsked: step('gone'), ...crash('gone') } },
  },
});
