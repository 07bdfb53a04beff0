import { assign, setup } from 'xstate';

interface EpochModelContext {
  /** The step before was a crash; so every event is also tried right after one. */
  readonly crashed: boolean;
  /** PoC has started. */
  readonly poc: boolean;
  /** The Network Node starts no node any more. */
  readonly late: boolean;
  /** Generation is over; and validation. */
  readonly generated: boolean;
  readonly validated: boolean;
  /** A machine of this PoC that failed is not proven gone yet. */
  readonly old: boolean;
  /** The plan was moved once, while that was still possible. */
  readonly moved: boolean;
  readonly alarmed: boolean;
  readonly outcome: 'completed' | 'missed' | 'skipped' | 'failed' | null;
}

type Note = Partial<EpochModelContext>;
const note = (params: Note) => ({ type: 'note', params }) as const;
const step = (target: string, params: Note = {}) => ({ target, actions: note(params) });
const onlyIf = <Guard extends string>(guard: Guard, target: string, params: Note = {}) => ({
  guard,
  ...step(target, params),
});
const crash = (target: string) => ({ crash: { target, actions: note({ crashed: true }) } });
/** News of a machine that nobody counts on any more, and of a plan that came too late, move nothing. */
const ignoring = (target: string) => ({
  oldGone: onlyIf('hasOld', target, { old: false }),
  oldStillListed: onlyIf('hasOld', target),
  planMoved: step(target),
});
const missed = (target: string) => step(target, { outcome: 'missed' as const });
/** Without a machine: PoC passes by. */
const shopping = (state: string) => ({
  pocStarts: onlyIf('isBefore', state, { poc: true }),
  tooLate: onlyIf('isDuring', 'counting', { late: true, outcome: 'missed' }),
  chainLeaps: missed('counting'),
  oldGone: onlyIf('hasOld', state, { old: false }),
  planMoved: step(state),
  ...crash(state),
});

/** A machine was lost after PoC had started: a sprint gives up with generation, a hold goes on. */
const replacing = (state: string, holds: boolean, givenUp: string) => ({
  tooLate: onlyIf('isDuring', state, { late: true }),
  ...(holds
    ? {
        generationEnds: onlyIf('isGenerating', state, { generated: true }),
        validationEnds: onlyIf('isValidating', state, { validated: true }),
        holdEnds: onlyIf('isHeld', givenUp),
        chainLeaps: onlyIf('isOpen', state, { late: true, generated: true, validated: true }),
      }
    : {
        generationEnds: onlyIf('isGenerating', givenUp, { outcome: 'failed' }),
        chainLeaps: step(givenUp, { outcome: 'failed' }),
      }),
  oldGone: onlyIf('hasOld', state, { old: false }),
  planMoved: step(state),
  ...crash(state),
});

/** Where a PoC with a machine ends up when the chain leaps over all of it. */
const over = (holds: boolean) => (holds ? 'holding' : 'returning');

/**
 * One PoC as its host sees it: is a machine wanted, is one there, what has the chain reached. With `holds` the machine
 * is kept for confirmation PoC. Knows nothing of the chart.
 */
export const epochModel = (holds: boolean) =>
  setup({
    types: { context: {} as EpochModelContext, tags: {} as 'following' | 'counted' },
    actions: { note: assign((_, params: Note) => ({ crashed: false, ...params })) },
    guards: {
      isBefore: ({ context }) => !context.poc,
      isDuring: ({ context }) => context.poc && !context.late,
      isLate: ({ context }) => context.late,
      isInTime: ({ context }) => !context.late,
      isGenerating: ({ context }) => context.late && !context.generated,
      isValidating: ({ context }) => context.generated && !context.validated,
      isHeld: ({ context }) => context.validated,
      isOpen: ({ context }) => !context.validated,
      canGenerate: ({ context }) => !context.generated,
      canValidate: ({ context }) => !context.validated,
      hasPoc: ({ context }) => context.poc,
      hasOld: ({ context }) => context.old,
      hasNoOld: ({ context }) => !context.old,
      isFirstPlan: ({ context }) => !context.moved,
    },
  }).createMachine({
    id: 'epochModel',
    initial: 'idle',
    context: {
      crashed: false,
      poc: false,
      late: false,
      generated: false,
      validated: false,
      old: false,
      moved: false,
      alarmed: false,
      outcome: null,
    },
    states: {
      idle: {
        on: {
          approachReached: step('approaching'),
          planMoved: onlyIf('isFirstPlan', 'idle', { moved: true }),
          planJitters: step('idle'),
          planOff: step('skipped', { outcome: 'skipped' }),
          chainLeaps: missed('counting'),
          ...crash('idle'),
        },
      },
      approaching: {
        tags: 'following',
        on: {
          rentReached: step('choosing', { moved: false }),
          planMoved: onlyIf('isFirstPlan', 'idle', { moved: true }),
          planJitters: step('approaching'),
          planOff: step('skipped', { outcome: 'skipped' }),
          chainLeaps: missed('counting'),
          ...crash('approaching'),
        },
      },
      choosing: {
        tags: 'following',
        on: {
          offerChosen: step('booting'),
          noOffer: step('pausing'),
          keyRefused: step('waitingForPerson'),
          oldStillListed: onlyIf('hasOld', 'choosing'),
          ...shopping('choosing'),
        },
      },
      pausing: { tags: 'following', on: { pauseOver: step('choosing'), ...shopping('pausing') } },
      waitingForPerson: {
        tags: 'following',
        on: { pauseOver: step('choosing'), ...shopping('waitingForPerson') },
      },
      booting: {
        tags: 'following',
        on: {
          machineReady: [onlyIf('hasPoc', 'generating'), step('ready')],
          bootFailed: onlyIf('hasNoOld', 'choosing', { old: true }),
          imageMissing: onlyIf('hasNoOld', 'waitingForPerson', { old: true }),
          createRefused: step('choosing'),
          pocStarts: onlyIf('isBefore', 'booting', { poc: true }),
          tooLate: onlyIf('isDuring', 'returning', { late: true, outcome: 'missed' }),
          chainLeaps: missed('returning'),
          ...ignoring('booting'),
          ...crash('booting'),
        },
      },
      ready: {
        tags: ['following', 'counted'],
        on: {
          pocStarts: step('generating', { poc: true }),
          machineLost: onlyIf('hasNoOld', 'choosing', { old: true }),
          chainLeaps: step(over(holds), { poc: true, late: true, generated: true, validated: holds }),
          ...ignoring('ready'),
          ...crash('ready'),
        },
      },
      generating: {
        tags: ['following', 'counted'],
        on: {
          tooLate: onlyIf('isInTime', 'generating', { late: true }),
          generationEnds: onlyIf('isLate', 'validating', { generated: true }),
          machineLost: onlyIf('hasNoOld', 'choosingAgain', { old: true }),
          chainLeaps: step(over(holds), { late: true, generated: true, validated: holds }),
          ...ignoring('generating'),
          ...crash('generating'),
        },
      },
      validating: {
        tags: ['following', 'counted'],
        on: {
          validationEnds: step(over(holds), { validated: holds }),
          machineLost: holds
            ? onlyIf('hasNoOld', 'choosingAgain', { old: true })
            : onlyIf('hasNoOld', 'counting', { old: true, outcome: 'failed' }),
          chainLeaps: step(over(holds), { validated: holds }),
          ...ignoring('validating'),
          ...crash('validating'),
        },
      },
      holding: {
        tags: ['following', 'counted'],
        on: {
          holdEnds: step('returning'),
          machineLost: onlyIf('hasNoOld', 'choosingAgain', { old: true }),
          ...ignoring('holding'),
          ...crash('holding'),
        },
      },
      choosingAgain: {
        tags: 'following',
        on: {
          offerChosen: step('bootingAgain'),
          noOffer: step('pausingAgain'),
          keyRefused: step('waitingAgain'),
          oldStillListed: onlyIf('hasOld', 'choosingAgain'),
          ...replacing('choosingAgain', holds, 'counting'),
        },
      },
      pausingAgain: {
        tags: 'following',
        on: { pauseOver: step('choosingAgain'), ...replacing('pausingAgain', holds, 'counting') },
      },
      waitingAgain: {
        tags: 'following',
        on: { pauseOver: step('choosingAgain'), ...replacing('waitingAgain', holds, 'counting') },
      },
      bootingAgain: {
        tags: 'following',
        on: {
          machineReady: [
            onlyIf('canGenerate', 'generating'),
            ...(holds ? [onlyIf('canValidate', 'validating'), step('holding')] : []),
          ],
          bootFailed: onlyIf('hasNoOld', 'choosingAgain', { old: true }),
          imageMissing: onlyIf('hasNoOld', 'waitingAgain', { old: true }),
          createRefused: step('choosingAgain'),
          oldStillListed: onlyIf('hasOld', 'bootingAgain'),
          ...replacing('bootingAgain', holds, 'returning'),
        },
      },
      returning: {
        tags: 'following',
        on: {
          machineGone: step('counting', { alarmed: false }),
          machineStillListed: step('returning'),
          tenMinutesPass: step('returning', { alarmed: true }),
          ...crash('returning'),
        },
      },
      counting: {
        tags: 'following',
        on: {
          allTaken: step('settled'),
          nothingTaken: step('settledInVain'),
          stillQueued: step('recounting'),
          ...crash('counting'),
        },
      },
      recounting: { tags: 'following', on: { pauseOver: step('counting'), ...crash('recounting') } },
      settled: { on: crash('settled') },
      settledInVain: { on: crash('settledInVain') },
      skipped: { on: crash('skipped') },
    },
  });
