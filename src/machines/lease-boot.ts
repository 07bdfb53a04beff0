import type { ErrorCode } from '../errors.ts';
import type { MachineFacts } from './lease-context.ts';
import { atOf, faultOf } from './stamp.ts';

/** Every way in which boot fails ends in the same place; only the note differs. */
export const bootFailed = {
  target: 'releasing',
  actions: { type: 'noteFault', params: ({ event }: { event: unknown }) => ({ fault: faultOf(event) }) },
} as const;
export const bootTookTooLong = (what: string, code: ErrorCode = 'MACHINE_NEVER_BOOTED') =>
  ({ target: 'releasing', actions: { type: 'noteTimeout', params: { what, code } } }) as const;
export const releaseNow = {
  'LEASE.RELEASE_ASKED': {
    target: 'releasing',
    actions: {
      type: 'noteReleaseAsked',
      params: ({ event }: { event: { reason: string } }) => ({ reason: event.reason }),
    },
  },
} as const;
/** While money is in flight a release is only noted: the invoke is left by its own outcome alone. */
export const releaseLater = {
  'LEASE.RELEASE_ASKED': {
    actions: {
      type: 'noteReleaseAsked',
      params: ({ event }: { event: { reason: string } }) => ({ reason: event.reason }),
    },
  },
} as const;

export const noteReady = {
  type: 'noteReady',
  params: ({ event }: { event: { output: MachineFacts } }) => ({ at: atOf(event), facts: event.output }),
} as const;
/** No fault of the machine, and no other one would do better: a person has to look. */
export const portSilent = {
  type: 'raiseAlert',
  params: {
    key: 'callbackPort',
    code: 'CALLBACK_PORT_SILENT',
    message: 'callbacks reach this host, but the callback port of the Network Node does not answer as one',
  },
} as const;
