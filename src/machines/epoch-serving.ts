import { armGenerationEnd, armHoldEnd, armValidationEnd } from './epoch-heights.ts';
import { choosingStates, crewNews, failed, given, halted, lost, mine, news } from './epoch-renting.ts';
import { epochSetup } from './epoch-setup.ts';
import type { CrewWanted } from './epoch-context.ts';

const wanted = ({ event }: { event: CrewWanted }): CrewWanted => event;
const othersServe = { type: 'isMineAndOthersServe', params: news } as const;
/** The first ready ones win; the others go at once. */
const surplusLeaves = ['tellSurplus', 'dropSurplus'] as const;
/** A machine that comes late helps where it can. */
const joins = {
  'LEASE.READY': { guard: mine, actions: [{ type: 'noteReady', params: news }, 'tellWork'] },
  'CREW.GIVEN': { actions: [{ type: 'noteGiven', params: given }, 'tellWork'] },
} as const;
/** The row of the next PoC takes the machines; what it leaves goes back. */
const handsOver = {
  'CREW.WANTED': {
    target: '#epoch.releasing',
    actions: [
      { type: 'tellHandOver', params: wanted },
      { type: 'dropHandedOver', params: wanted },
    ],
  },
} as const;

export const ready = epochSetup.createStateConfig({
  tags: 'following',
  entry: [...surplusLeaves, { type: 'clearAlert', params: { key: 'renting' } }],
  on: {
    'LEASE.ENDED': { guard: mine, target: '#epoch.booting', actions: lost },
    'CREW.GIVEN': { actions: [{ type: 'noteGiven', params: given }, ...surplusLeaves] },
    'HEIGHT.POC_START': [halted, { target: '#epoch.generating', actions: 'notePocStarted' }],
  },
});

/** The Network Node drives the machines through the gateway; here the heights pass. */
export const generating = epochSetup.createStateConfig({
  tags: 'following',
  entry: [
    armGenerationEnd,
    { type: 'disarmHeight', params: { id: 'HEIGHT.LAUNCH' } },
    ...surplusLeaves,
    'tellWork',
    { type: 'clearAlert', params: { key: 'renting' } },
  ],
  on: {
    ...joins,
    'LEASE.ENDED': [
      { guard: othersServe, actions: lost },
      { guard: mine, target: '#epoch.replacing', actions: lost },
    ],
    // Who is not there by now computes nothing; in epoch policy it still serves the rest of the epoch.
    'HEIGHT.TOO_LATE': { actions: ['noteTooLate', ...surplusLeaves] },
    'HEIGHT.GENERATION_END': [halted, { target: '#epoch.validating', actions: 'noteGenerationEnded' }],
  },
});

export const validating = epochSetup.createStateConfig({
  tags: 'following',
  entry: [armValidationEnd, ...surplusLeaves, 'tellWork'],
  on: {
    ...joins,
    'LEASE.ENDED': [
      { guard: othersServe, actions: lost },
      { guard: { type: 'isMineAndHoldsOn', params: news }, target: '#epoch.replacing', actions: lost },
      { guard: mine, target: '#epoch.releasing', actions: [lost, failed] },
    ],
    'HEIGHT.VALIDATION_END': [
      halted,
      { guard: 'holdsOn', target: '#epoch.holding', actions: 'noteValidationEnded' },
      { target: '#epoch.releasing' },
    ],
  },
});

/** Epoch policy: the machines stay for confirmation PoC until the row of the next PoC takes them over. */
export const holding = epochSetup.createStateConfig({
  tags: 'following',
  entry: [armHoldEnd, ...surplusLeaves, 'tellWork'],
  always: { guard: 'isShort', target: '#epoch.replacing' },
  on: {
    ...joins,
    ...handsOver,
    'LEASE.ENDED': { guard: mine, actions: lost },
    'HEIGHT.HOLD_END': '#epoch.releasing',
  },
});

/**
 * A machine was lost after `poc_start`: another is rented at once, and a rival when that one takes long. A sprint
 * gives up when generation is over, because batches for validation are given out once.
 */
export const replacing = epochSetup.createStateConfig({
  tags: 'following',
  entry: 'restartStage',
  always: [
    { guard: 'canGenerate', target: '#epoch.generating' },
    { guard: 'canValidate', target: '#epoch.validating' },
    { guard: 'canHold', target: '#epoch.holding' },
  ],
  initial: 'awaiting',
  on: {
    ...crewNews('#epoch.replacing.awaiting', '#epoch.replacing.waitingForPerson'),
    ...handsOver,
    'HEIGHT.GENERATION_END': [
      halted,
      { guard: 'holdsOn', actions: ['noteGenerationEnded', armValidationEnd] },
      { target: '#epoch.releasing', actions: ['noteGenerationEnded', failed] },
    ],
    'HEIGHT.VALIDATION_END': [halted, { actions: ['noteValidationEnded', armHoldEnd] }],
    'HEIGHT.HOLD_END': '#epoch.releasing',
  },
  states: {
    awaiting: {
      always: { guard: 'wantsReplacement', target: 'choosing' },
      after: { hedgePause: { target: 'awaiting', reenter: true, actions: 'countLaunch' } },
    },
    ...choosingStates('#epoch.replacing.awaiting', true),
  },
});
