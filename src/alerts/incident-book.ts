import type { Incident } from '../runtime/alert-ledger.ts';
import type { OpenAlert } from '../runtime/interface.ts';
import type { UnixMs } from '../units.ts';
import { type AlertKindName, alertKinds, kindSettleMs, rankOf, type Severity } from './alert-kinds.ts';
import { kindOfAlert } from './kind-of-alert.ts';
import type { NoticeEvent } from './notice.ts';

export interface BookTerms {
  readonly minSeverity: Severity;
  /** 0 = no reminders. */
  readonly reminderMs: number;
  /** Of this process. */
  readonly startedAt: UnixMs;
  /** A new id for an occurrence. */
  newId(): string;
}

export interface Telling {
  readonly event: Exclude<NoticeEvent, 'test'>;
  readonly incident: Incident;
}

export interface BookChange {
  readonly keep: readonly Incident[];
  readonly forget: readonly string[];
  readonly tellings: readonly Telling[];
}

/** So long an alert must be away before its end is told; it doubles each time that it came back. */
const calmMs = 120_000;
const calmMsMax = 3_600_000;
/** So long the end is remembered: what comes back later is news, not flapping. */
const memoryMs = 6 * 3_600_000;
/** What was open before a restart and is kept in memory only needs so long to show again. */
const restartMs = 11 * 60_000;

/**
 * Decides who is told what: nothing twice, reminders, ends, and few words about what comes and goes. Pure: alerts that
 * are open, what was told so far, and the time go in; what changes comes out, and is committed as one.
 */
export function turnPage(
  incidents: readonly Incident[],
  open: readonly OpenAlert[],
  now: UnixMs,
  terms: BookTerms,
): BookChange {
  const known = new Map(incidents.map((incident) => [incident.key, incident]));
  const change = {
    keep: [] as Incident[],
    forget: [] as string[],
    tellings: [] as Telling[],
  };
  for (const alert of open) {
    const kind = kindOfAlert(alert);
    if (rankOf(alertKinds[kind].severity) < rankOf(terms.minSeverity)) continue;
    followOpen(change, known.get(alert.key), alert, kind, now, terms);
    known.delete(alert.key);
  }
  for (const incident of known.values()) followAbsent(change, incident, now, terms);
  return change;
}

type Draft = { keep: Incident[]; forget: string[]; tellings: Telling[] };

function followOpen(
  change: Draft,
  before: Incident | undefined,
  alert: OpenAlert,
  kind: AlertKindName,
  now: UnixMs,
  terms: BookTerms,
): void {
  const { severity } = alertKinds[kind];
  const { code, message, key, since } = alert;
  const about = { key, kind, severity, code, message };
  if (before === undefined || before.recoveredAt !== null) {
    const flaps = before === undefined ? 0 : before.flaps + 1;
    const fresh: Incident = {
      ...about,
      id: terms.newId(),
      openedAt: since,
      toldAt: null,
      tellings: 0,
      absentSince: null,
      recoveredAt: null,
      flaps,
    };
    tellWhenDue(change, fresh, now, terms, true);
    return;
  }
  // Back before its end was told: for everybody else it never went away.
  const after: Incident = { ...before, ...about, absentSince: null };
  const isWorse = before.toldAt !== null && rankOf(severity) > rankOf(before.severity as Severity);
  const hasChanged =
    before.absentSince !== null || before.kind !== kind || before.code !== code || before.message !== message;
  if (isWorse) tell(change, after, 'worsened', now);
  else tellWhenDue(change, after, now, terms, hasChanged);
}

function tellWhenDue(
  change: Draft,
  incident: Incident,
  now: UnixMs,
  terms: BookTerms,
  hasChanged: boolean,
): void {
  const { toldAt } = incident;
  const isSettled = now - incident.openedAt >= kindSettleMs(incident.kind as AlertKindName);
  if (toldAt === null && isSettled) tell(change, incident, 'raised', now);
  else if (toldAt !== null && terms.reminderMs > 0 && now - toldAt >= terms.reminderMs)
    tell(change, incident, 'reminder', now);
  else if (hasChanged) change.keep.push(incident);
}

function followAbsent(change: Draft, incident: Incident, now: UnixMs, terms: BookTerms): void {
  if (incident.recoveredAt !== null) {
    if (now - incident.recoveredAt >= memoryMs) change.forget.push(incident.key);
    return;
  }
  // Nobody knows of it, so nobody needs to hear of its end.
  if (incident.toldAt === null) {
    change.forget.push(incident.key);
    return;
  }
  if (incident.absentSince === null) {
    change.keep.push({ ...incident, absentSince: now });
    return;
  }
  const calm = Math.min(calmMsMax, calmMs * 2 ** Math.min(incident.flaps, 10));
  const isEarly = incident.openedAt < terms.startedAt && now - terms.startedAt < restartMs;
  if (now - incident.absentSince < calm || isEarly) return;
  const over: Incident = { ...incident, recoveredAt: now, tellings: incident.tellings + 1 };
  change.keep.push(over);
  change.tellings.push({ event: 'recovered', incident: over });
}

function tell(change: Draft, incident: Incident, event: Telling['event'], now: UnixMs): void {
  const told: Incident = { ...incident, toldAt: now, tellings: incident.tellings + 1 };
  change.keep.push(told);
  change.tellings.push({ event, incident: told });
}
