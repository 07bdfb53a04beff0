import type { ErrorCode } from '../../errors.ts';
import type { RefusalReason } from './guard.ts';
import type { OutboxEntry } from '../../runtime/outbox.ts';

type Kind = OutboxEntry['kind'];

/** What happens to callbacks, for the journal, the counters and the alerts. */
export type RelayEvent =
  /** Durably queued and acknowledged to the machine. */
  | {
      readonly type: 'queued';
      readonly leaseId: string;
      readonly id: number;
      readonly kind: Kind;
      readonly nonceCount: number;
    }
  /** Qualification's own bytes came through. */
  | { readonly type: 'probed'; readonly leaseId: string }
  /** Nobody asked for it; refused with 400. To be alerted. */
  | {
      readonly type: 'foreign';
      readonly leaseId: string;
      readonly reason: RefusalReason | 'too_large';
      readonly code: 'CALLBACK_FOREIGN';
    }
  /** The outbox did not take it; refused with 503, so the machine keeps it. To be alerted. */
  | { readonly type: 'notStored'; readonly leaseId: string; readonly code: ErrorCode }
  | {
      readonly type: 'delivered';
      readonly leaseId: string;
      readonly id: number;
      readonly kind: Kind;
      readonly nonceCount: number;
    }
  /** One attempt failed; it is made again. */
  | {
      readonly type: 'deferred';
      readonly leaseId: string;
      readonly id: number;
      readonly kind: Kind;
      readonly code: ErrorCode;
      readonly attempts: number;
    }
  /** The Network Node refused it for good. To be alerted. */
  | {
      readonly type: 'refused';
      readonly leaseId: string;
      readonly id: number;
      readonly kind: Kind;
      readonly nonceCount: number;
      readonly code: 'CALLBACK_REFUSED';
    }
  /** Its window closed before the Network Node took it. To be alerted. */
  | {
      readonly type: 'expired';
      readonly leaseId: string;
      readonly id: number;
      readonly kind: Kind;
      readonly nonceCount: number;
      readonly code: 'CALLBACK_EXPIRED';
    };
