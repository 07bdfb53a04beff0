import { ulid } from 'ulid';
import { type AlertKindName, alertKinds } from '../../alerts/alert-kinds.ts';
import type { Telling } from '../../alerts/incident-book.ts';
import type { Notice } from '../../alerts/notice.ts';
import type { Config } from '../../config/config.ts';
import type { UnixMs } from '../../units.ts';

export interface NoticeTerms {
  /** MLNODE_ID. */
  readonly node: string;
  /** Ends in a slash. */
  readonly runbooks: string;
}

/** Where the links lead: the operator's own copy, or this daemon. */
export const runbookBase = ({ alerts, inspection }: Pick<Config, 'alerts' | 'inspection'>): string =>
  alerts.runbookUrl ?? `http://${inspection.host}:${inspection.port}/v1/runbooks/`;

/** A message that may be shown to anybody: longer ones come from other programs, and say no more. */
const messageCharsMax = 600;

/** The words of one message. */
export function noticeOf({ event, incident }: Telling, at: UnixMs, terms: NoticeTerms): Notice {
  const kind = incident.kind as AlertKindName;
  const { title, severity, advice } = alertKinds[kind];
  return {
    id: `${incident.id}-${incident.tellings}`.toLowerCase(),
    incident: incident.id.toLowerCase(),
    event,
    kind,
    severity,
    title,
    message: presentable(incident.message),
    advice,
    runbook: `${terms.runbooks}${kind}.md`,
    code: incident.code,
    key: incident.key,
    node: terms.node,
    since: new Date(incident.openedAt).toISOString(),
    at: new Date(at).toISOString(),
  };
}

/** What `hybrid-mlnode alerts test` sends. */
export function testNotice(at: number, terms: NoticeTerms): Notice {
  const id = ulid(at).toLowerCase();
  const now = new Date(at).toISOString();
  return {
    id,
    incident: id,
    event: 'test',
    kind: 'test',
    severity: 'info',
    title: 'this is a test',
    message: 'Alerts of this node arrive here.',
    advice: 'nothing; somebody ran `hybrid-mlnode alerts test`.',
    runbook: `${terms.runbooks}index.md`,
    code: 'TEST',
    key: 'test',
    node: terms.node,
    since: now,
    at: now,
  };
}

/** One line, without control characters. */
const presentable = (message: string): string =>
  message
    .replaceAll(/[\p{Cc}\s]+/gu, ' ')
    .trim()
    .slice(0, messageCharsMax);
