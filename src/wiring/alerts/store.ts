import { ulid } from 'ulid';
import type { NoticeEvent, Notice } from '../../alerts/notice.ts';
import type { Fault } from '../../errors.ts';
import type { Incident } from '../../runtime/alert-ledger.ts';
import type { UnixMs } from '../../units.ts';
import { noticeOf, type NoticeTerms } from './notices.ts';

export interface StoreTroubleOptions extends NoticeTerms {
  /** 0 = no reminders. */
  readonly reminderMs: number;
  tell(notice: Notice): void;
}

/** The one alert that cannot be kept in the store, because the store is what fails. */
export interface StoreTrouble {
  isIll(fault: Fault, now: UnixMs): void;
  isWell(now: UnixMs): void;
}

/** Another connection may hold the store for a moment, and a disk may stutter. Clock ms. */
const settleMs = 10_000;

export function createStoreTrouble(options: StoreTroubleOptions): StoreTrouble {
  let incident: Incident | undefined;

  const tell = (event: Exclude<NoticeEvent, 'test'>, of: Incident, now: UnixMs): void => {
    incident = { ...of, toldAt: now, tellings: of.tellings + 1 };
    options.tell(noticeOf({ event, incident }, now, options));
  };

  return {
    isIll: ({ code, message }, now) => {
      incident ??= fresh(now);
      incident = { ...incident, code, message };
      const { toldAt, openedAt } = incident;
      if (toldAt === null && now - openedAt >= settleMs) tell('raised', incident, now);
      else if (toldAt !== null && options.reminderMs > 0 && now - toldAt >= options.reminderMs)
        tell('reminder', incident, now);
    },
    isWell: (now) => {
      if (incident !== undefined && incident.toldAt !== null) tell('recovered', incident, now);
      incident = undefined;
    },
  };
}

const fresh = (now: UnixMs): Incident => ({
  key: 'store',
  id: ulid(now),
  kind: 'store-failing',
  severity: 'critical',
  code: 'STORE_BROKEN',
  message: '',
  openedAt: now,
  toldAt: null,
  tellings: 0,
  absentSince: null,
  recoveredAt: null,
  flaps: 0,
});
