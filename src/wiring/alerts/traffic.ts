import type { SourceView } from '../../adapters/chain/interface.ts';
import type { RegistrationContext } from '../../machines/registration.ts';
import type { Alert } from '../../machines/writes.ts';
import type { Runtime } from '../../runtime/interface.ts';
import type { CallbackWindows } from '../../runtime/sqlite-callback-windows.ts';
import type { MetaTable } from '../../runtime/store.ts';
import type { UnixMs } from '../../units.ts';
import type { ChainFollower } from '../chain/chain-follower.ts';
import { registrationRow } from '../row-names.ts';

export interface TrafficWatchOptions {
  readonly windows: CallbackWindows;
  readonly follower: Pick<ChainFollower, 'head'>;
  readonly rows: Pick<Runtime, 'row' | 'onStep'>;
  readonly meta: MetaTable;
  foreignCount(): number;
  isInferenceHealthy(): boolean;
  /** Of the chain clock. */
  chainStanding(): string | undefined;
  /** Of several sources of the chain. @default there is one */
  chainSources?(): readonly SourceView[];
}

/** Blocks before the end of a window from which an undelivered callback is an alert, once it has waited a while. */
const expiringBlocks = 20;
const waitedMs = 30_000;
/** A loss stays in view for about half a day of blocks. */
const lostBlocks = 8_000;
const foreignMs = 3_600_000;
const renewalMs = 86_400_000;
const renewalKey = 'alerts.registration_renewed';

/** What is wrong with callbacks, inference, chain and registration, beyond what charts say themselves. */
export function createTrafficWatch(options: TrafficWatchOptions): (now: UnixMs) => readonly Alert[] {
  const { windows, follower } = options;
  const foreign = foreignCallbacks(() => options.foreignCount());
  const renewal = registrationRenewals(options);
  return (now) => {
    const height = follower.head()?.height;
    return [
      ...(height === undefined ? [] : expiring(windows, height, now)),
      ...(height === undefined ? [] : lost(windows, height)),
      ...foreign(now),
      ...renewal(now),
      ...(options.chainStanding() === 'halted' ? [halted] : []),
      ...(options.chainSources?.() ?? []).filter(({ standing }) => standing === 'lying').map(lyingSource),
      ...(options.isInferenceHealthy() ? [] : [inferenceDown]),
    ];
  };
}

const halted: Alert = {
  key: 'chain-halted',
  code: 'CHAIN_HALTED',
  message: 'no new height for longer than CHAIN_HALT_LIMIT; machines are returned',
};
const lyingSource = ({ name, height }: SourceView): Alert => ({
  key: `chain-source:${name}`,
  code: 'CHAIN_SOURCE_LYING',
  message: `${name} tells height ${height}, or stages, that cannot be; the other sources are believed`,
});
const inferenceDown: Alert = {
  key: 'inference',
  code: 'INFERENCE_DOWN',
  message: 'no back end serves the expected model; /health is 503',
};

const expiring = (windows: CallbackWindows, height: number, now: UnixMs): readonly Alert[] =>
  windows
    .waiting()
    .filter(({ windowEndHeight, oldestAt }) => {
      const left = windowEndHeight - height;
      return left >= 0 && left <= expiringBlocks && now - oldestAt > waitedMs;
    })
    .map(({ windowEndHeight }) => ({
      key: `callback-expiring:${windowEndHeight}`,
      code: 'CALLBACK_EXPIRING',
      message: `callbacks wait for the Network Node, and their window closes at height ${windowEndHeight}`,
    }));

const lost = (windows: CallbackWindows, height: number): readonly Alert[] =>
  windows.lostSince(height - lostBlocks).map(({ windowEndHeight, refused, expired }) => ({
    key: `callback-lost:${windowEndHeight}`,
    code: expired > 0 ? 'CALLBACK_EXPIRED' : 'CALLBACK_REFUSED',
    message: `of the window that ends at height ${windowEndHeight}: ${refused} callbacks were refused for good, ${expired} came too late`,
  }));

/** An alert for an hour after the last one. */
function foreignCallbacks(count: () => number): (now: UnixMs) => readonly Alert[] {
  let seen = count();
  let until = 0;
  return (now) => {
    if (count() > seen) {
      seen = count();
      until = now + foreignMs;
    }
    if (now >= until) return [];
    const message = 'a machine posted callbacks that no running call asked for; they were refused with 400';
    return [{ key: 'callback-foreign', code: 'CALLBACK_FOREIGN', message }];
  };
}

/** The chart mends a lost registration within seconds, so the fact is kept for a day. */
function registrationRenewals({
  rows,
  meta,
}: Pick<TrafficWatchOptions, 'rows' | 'meta'>): (now: UnixMs) => readonly Alert[] {
  const kept = meta.get(renewalKey);
  let last = kept === undefined ? undefined : (JSON.parse(kept) as { at: number; what: string });
  let wasRegistered = false;
  let isKept = true;
  rows.onStep((entry) => {
    if (entry.rowId !== registrationRow) return;
    const context = rows.row(registrationRow)?.context as RegistrationContext | undefined;
    if (entry.value === 'registered') wasRegistered = true;
    if (entry.value !== 'registering' || context === undefined || context.upserts > 0) return;
    // A definition that the operator changed differs at the start, and is no news to anybody.
    const isNews = wasRegistered || (context.nodeNum !== null && context.differences.includes('not listed'));
    if (!isNews) return;
    last = { at: entry.at, what: context.differences.join(', ') };
    isKept = false;
  });
  return (now) => {
    // Not in the step: what the store says to it is for the look to hear.
    if (!isKept && last !== undefined) meta.set(renewalKey, JSON.stringify(last));
    isKept = true;
    if (last === undefined || now - last.at > renewalMs) return [];
    return [
      {
        key: `registration-renewed:${last.at}`,
        code: 'REGISTRATION_RENEWED',
        message: `the Network Node's list had not what is configured (${last.what}); the node was registered again`,
      },
    ];
  };
}
