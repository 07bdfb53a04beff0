import { spaced } from './state-words.ts';

const events: Readonly<Record<string, string>> = {
  'HEIGHT.APPROACH': 'the chain comes near the PoC',
  'HEIGHT.RENT': 'the block to rent at is reached',
  'HEIGHT.LAUNCH': 'the block of a further launch is reached',
  'HEIGHT.POC_START': 'PoC begins',
  'HEIGHT.TOO_LATE': 'it is too late for this PoC',
  'HEIGHT.GENERATION_END': 'the time to generate is over',
  'HEIGHT.VALIDATION_END': 'the time to validate is over',
  'HEIGHT.HOLD_END': 'the hold is over',
  'PLAN.CHANGED': 'the plan was worked out anew',
  'LEASE.READY': 'a machine is ready',
  'LEASE.ENDED': 'a machine is lost',
  'LEASE.GONE': 'a machine is proven gone',
  'LEASE.RELEASE_ASKED': 'the machine is not needed any more',
  'LEASE.WORK_STARTED': 'its work begins',
  'LEASE.EXTENDED': 'the machine is kept for longer',
  'LEASE.TAKEN_OVER': 'the next epoch takes the machine over',
  'CREW.WANTED': 'the next epoch asks for the machine',
  'CREW.GIVEN': 'the epoch before answers',
  'findKeptCrew done': 'it was looked for a machine that is there already',
  'findKeptCrew failed': 'it could not be looked for one',
  'after handOverLimit': 'the epoch before did not answer',
  'LEASE.HELD_ON': 'the machine is kept for longer',
  'chooseOffer done': 'an offer is chosen',
  'chooseOffer failed': 'no offer could be taken',
  'countWork done': 'the work is counted',
  'countWork failed': 'callbacks are still on their way',
  'createInstance done': 'the provider made the machine',
  'createInstance failed': 'the provider did not make the machine',
  'lookUpLabel done': 'the list of instances was read',
  'lookUpLabel failed': 'the list could not be read',
  'awaitRunning done': 'its container runs',
  'awaitRunning failed': 'its container did not start',
  'openTunnel done': 'SSH is open',
  'openTunnel failed': 'SSH could not be opened',
  'loadModel done': 'the model is loaded',
  'loadModel failed': 'the model could not be loaded',
  'after modelLimit': 'the model took too long',
  'awaitMlnode done': 'its ML node answers',
  'awaitMlnode failed': 'its ML node did not start',
  'qualifyMachine done': 'it passed the check',
  'qualifyMachine failed': 'it failed the check',
  'watchMachine failed': 'the machine is lost',
  'destroyInstance done': 'the provider accepts the destroy',
  'destroyInstance failed': 'the destroy failed',
  'confirmAbsence done': 'a list was read',
  'confirmAbsence failed': 'the list could not be read',
  'POW.INITIALISED': 'the Network Node starts PoC',
  'POW.GENERATING': 'the Network Node lets it generate',
  'POW.VALIDATING': 'the Network Node lets it validate',
  'POW.PHASE_GENERATE': 'the Network Node moves it to generating',
  'POW.PHASE_VALIDATE': 'the Network Node moves it to validating',
  'POW.BATCH_POSTED': 'a batch of others’ nonces is posted to the machine',
  'POW.STOPPED': 'the Network Node stops PoC',
  'POC_V2.GENERATING': 'the Network Node lets it generate',
  'POC_V2.JOB_POSTED': 'others’ work is posted to the machine',
  'POC_V2.JOB_REFUSED': 'the machine refused the work',
  'POC_V2.VERDICT': 'a verdict came back',
  'POC_V2.ENDED': 'its PoC work is over',
  'POC_V2.STOPPED': 'the Network Node stops PoC',
  'CONFIRMATION.ANNOUNCED': 'the chain announces a confirmation PoC',
  'CONFIRMATION.GENERATING': 'the confirmation PoC begins',
  'CONFIRMATION.VALIDATING': 'its validation begins',
  'CONFIRMATION.TAKEN': 'a machine of ours took it',
  'CONFIRMATION.OVER': 'the confirmation PoC is over',
  'compareDefinition done': 'the list was compared',
  'compareDefinition failed': 'the Network Node did not answer',
  'upsertDefinition done': 'the Network Node took the definition',
  'upsertDefinition failed': 'the Network Node did not take it',
  'after checkPause': 'it is time to look again',
  'after retryPause': 'the pause is over',
  'NODE.STOPPED': 'the Network Node stops the node',
  'NODE.INFERENCE_UP': 'the Network Node asks for inference',
  'NODE.INFERENCE_DOWN': 'the Network Node stops inference',
  'MACHINE.LOST': 'the machine is gone',
  'after loadLimit': 'the image took too long',
  'after connectLimit': 'SSH took too long',
  'after startLimit': 'the ML node took too long',
  'after qualifyLimit': 'the check took too long',
  'after searchPause': 'the pause is over',
  'after operatorPause': 'the pause is over',
  'after destroyPause': 'the pause is over',
  'after confirmPause': 'the pause is over',
  'after lookUpPause': 'the pause is over',
  'after countPause': 'the pause is over',
  'after returnAlarm': 'the return takes long',
  'xstate.init': 'it begins',
  'runtime.late': 'a result came too late and was noted',
  'runtime.undelivered': 'a message found nobody',
  always: 'at once',
  done: 'its work is done',
};

/** What lets a chart pass on by itself. */
const guards: Readonly<Record<string, string>> = {
  rentsNothing: 'nothing is to be rented',
  canServe: 'PoC has begun and a machine is ready',
  isStaffed: 'enough machines are ready',
  wantsMore: 'a further machine is wanted',
  isShort: 'a machine was lost',
  canGenerate: 'a machine is ready in time to generate',
  canValidate: 'a machine is ready in time to validate',
  canHold: 'a machine is ready again',
  wantsReplacement: 'nothing boots, so another is looked for',
  hasNoCrew: 'every machine is proven gone',
  hasNoMachine: 'no machine of ours is held',
};

/** What an event must come with, where that makes the difference. */
const conditions: Readonly<Record<string, string>> = {
  holdsOn: ', and the machine is kept',
  isMineAndNeedsPerson: ', and a person is needed',
  needsPerson: ', and a person is needed',
  isReleaseAsked: ', and nobody wants it any more',
  hasUnknownOutcome: ', or its answer was lost',
  wasFoundButUnwanted: ', and nobody wants it any more',
};

/** Why a state would be left. */
export function exitWords(event: string, guard: string | null): string {
  if (event === 'always' && guard !== null) return guards[guard] ?? spaced(guard).toLowerCase();
  if (guard === 'isCeiling') return 'the chain stands still for too long';
  return `${eventWords(event)}${conditions[guard ?? ''] ?? ''}`;
}

/** XState's names in short, as the chart's drawing has them. */
const short = (type: string): string =>
  type
    .replace(/^xstate\.done\.actor\.(.+)$/, '$1 done')
    .replace(/^xstate\.error\.actor\.(.+)$/, '$1 failed')
    .replace(/^xstate\.done\.state\..+$/, 'done')
    .replace(/^xstate\.after\.([^.]+)\..*$/, 'after $1');

/** What happened, in a few words. */
export function eventWords(type: string): string {
  const name = short(type);
  const found = events[name];
  if (found !== undefined) return found;
  const words = name.replace(/^after /, 'after: ').replaceAll(/[._]/g, ' ');
  return /^[A-Z ]+$/.test(words) ? words.toLowerCase() : spaced(words).toLowerCase();
}

/** What is wrong, where an event says so. */
export function eventFault(event: { readonly [field: string]: unknown }): string | null {
  const fault = (event['error'] ?? event['fault']) as { code?: string; message?: string } | null | undefined;
  if (typeof fault !== 'object' || fault === null || fault.message === undefined) return null;
  return `${fault.code ?? ''} ${fault.message}`.trim();
}
