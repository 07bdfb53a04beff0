import type { ErrorCode } from '../errors.ts';
import type { AlertKindName } from './alert-kinds.ts';

interface Rule {
  /** The alert's key: the whole of it, or what stands before its colon. */
  readonly key?: string;
  readonly codes?: readonly ErrorCode[];
  readonly kind: AlertKindName;
}

const vastAway: readonly ErrorCode[] = [
  'VAST_UNREACHABLE',
  'VAST_BAD_ANSWER',
  'VAST_RATE_LIMITED',
  'VAST_KEY_REFUSED',
  'VAST_LIST_UNKNOWN',
];

/** Which alert is of which kind; the first rule that fits counts. */
export const kindRules: readonly Rule[] = [
  { key: 'parked', kind: 'row-parked' },
  { key: 'destroy', kind: 'leak' },
  { key: 'return', kind: 'leak' },
  { key: 'orphans', kind: 'leak' },
  { key: 'orphan look', kind: 'vast-down' },
  { key: 'inference-spend', kind: 'inference-cap' },
  { codes: ['SPEND_CAP_REACHED', 'HOLD_TOO_LONG'], kind: 'cap-reached' },
  { codes: ['VAST_NO_CREDIT'], kind: 'credit-low' },
  { key: 'renting', codes: vastAway, kind: 'vast-down' },
  { key: 'renting', kind: 'renting-blocked' },
  { key: 'chain', kind: 'chain-stale' },
  { key: 'breaker', kind: 'upstream-down' },
  { key: 'model', kind: 'upstream-down' },
  { key: 'registration', kind: 'registration' },
  { key: 'participant', kind: 'participant-missing' },
  { codes: ['CREDIT_LOW'], kind: 'credit-low' },
  { codes: ['POC_MISSED'], kind: 'poc-missed' },
  { codes: ['POC_ENDANGERED'], kind: 'poc-endangered' },
  { key: 'confirmation', kind: 'confirmation-unserved' },
  { key: 'fleet', kind: 'share-undone' },
  { key: 'callbackPort', kind: 'callback-port-silent' },
  { codes: ['CHAIN_SOURCE_LYING'], kind: 'chain-source' },
  { codes: ['CHAIN_HALTED'], kind: 'chain-halted' },
  { codes: ['INFERENCE_DOWN'], kind: 'inference-down' },
  { codes: ['REGISTRATION_RENEWED'], kind: 'registration-renewed' },
  { codes: ['CALLBACK_EXPIRING'], kind: 'callback-expiring' },
  { codes: ['CALLBACK_EXPIRED', 'CALLBACK_REFUSED'], kind: 'callback-lost' },
  { codes: ['CALLBACK_FOREIGN'], kind: 'callback-foreign' },
  { codes: ['CHART_FAULT', 'SNAPSHOT_UNFIT'], kind: 'row-parked' },
  { codes: ['PULSE_FAILING'], kind: 'pulse-failing' },
  { codes: ['CLOCK_SKEW'], kind: 'clock-skew' },
  { codes: ['STORE_BROKEN', 'STORE_FULL', 'DISK_LOW'], kind: 'store-failing' },
  { codes: ['DEPLOYMENT_UNSAVED'], kind: 'deployment-unsaved' },
  { codes: ['SPRINT_UNREWARDED'], kind: 'sprint-unrewarded' },
  { codes: ['NOTIFY_FAILING'], kind: 'channel-failing' },
];

/** Never fails: what no rule knows is `unclassified`, and told all the same. */
export function kindOfAlert({
  key,
  code,
}: {
  readonly key: string;
  readonly code: ErrorCode;
}): AlertKindName {
  const stem = key.split(':', 1)[0];
  const rule = kindRules.find(
    (each) => (each.key === undefined || each.key === stem) && (each.codes?.includes(code) ?? true),
  );
  return rule?.kind ?? 'unclassified';
}
