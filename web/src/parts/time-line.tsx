import { heightAtTime, heightNow, now, timeAtHeight } from '../live/clock.ts';
import { currentEpoch, shownLeases } from '../live/current.ts';
import type { EpochSummary, LeaseSummary, Plan } from '../live/model.ts';
import { count, duration, height, shortId, time } from '../words/format.ts';
import { stateWords } from '../words/state-words.ts';
import { type BlockScale, blockScale, planOf, type Stretch } from './block-scale.ts';

/** The time line of the PoC that the page is about. */
export function TimeLine() {
  const epoch = currentEpoch.value;
  if (epoch === undefined || planOf(epoch.plan) === null) return null;
  return (
    <section class="card" aria-labelledby="line-title">
      <header>
        <h2 id="line-title">Epoch {epoch.epochIndex} in blocks</h2>
        <p class="quiet">Long stretches are drawn shorter than they are.</p>
      </header>
      <EpochLine epoch={epoch} leases={shownLeases.value} isLive />
    </section>
  );
}

/** One PoC: its stages, now, and each machine as a bar. */
export function EpochLine({
  epoch,
  leases,
  isLive,
}: {
  epoch: EpochSummary;
  leases: readonly LeaseSummary[];
  isLive: boolean;
}) {
  const plan = planOf(epoch.plan);
  if (plan === null) return <p class="quiet">Its plan is of another version and cannot be drawn.</p>;
  const scale = blockScale(plan);
  const head = heightNow.value;
  const place = (at: number): string => `${(100 * scale.at(at)).toFixed(2)}%`;
  const marks = [...new Set([plan.rentHeight, ...(plan.launchHeights ?? []), plan.tooLateHeight])];
  return (
    <div class="line" role="group" aria-label={`Time line of epoch ${epoch.epochIndex}`}>
      <div class="stages">
        {scale.stretches.map((stretch) => (
          <StageBand key={stretch.key} stretch={stretch} scale={scale} plan={plan} />
        ))}
      </div>
      <div class="lanes">
        {marks.map((at) => (
          <i
            key={at}
            class={at === plan.tooLateHeight ? 'mark late' : 'mark'}
            style={{ left: place(at) }}
            title={
              at === plan.tooLateHeight
                ? `Block ${height(at)}: later machines are of no use`
                : `Block ${height(at)}: rent`
            }
          />
        ))}
        {leases
          .toSorted((a, b) => a.openedAt - b.openedAt)
          .map((lease) => (
            <LeaseBar key={lease.leaseId} lease={lease} scale={scale} />
          ))}
        {leases.length === 0 && (
          <div class="lane">
            <span
              class="bar planned"
              style={{
                left: place(plan.rentHeight),
                width: span(scale, plan.rentHeight, plan.holdUntilHeight),
              }}
            >
              <span class="bar-label">a machine, as planned</span>
            </span>
          </div>
        )}
        {isLive && head !== null && (
          <i class={`now ${scale.at(head) > 0.8 ? 'right' : ''}`} style={{ left: place(head) }}>
            <span>now · {height(head)}</span>
          </i>
        )}
      </div>
      <Ticks scale={scale} />
      <Stages scale={scale} plan={plan} />
    </div>
  );
}

const span = (scale: BlockScale, from: number, to: number): string =>
  `${Math.max(0.4, 100 * (scale.at(to) - scale.at(from))).toFixed(2)}%`;

/** Of the width: below this no word fits. */
const narrowShare = 0.07;

function StageBand({ stretch, scale, plan }: { stretch: Stretch; scale: BlockScale; plan: Plan }) {
  const blocks = stretch.to - stretch.from;
  const width = scale.at(stretch.to) - scale.at(stretch.from);
  return (
    <div
      class={`stage ${stretch.key} ${width < narrowShare ? 'narrow' : ''}`}
      style={{ left: `${100 * scale.at(stretch.from)}%`, width: `${100 * width}%` }}
      title={`${stretch.label}: ${count(blocks)} blocks, about ${duration(blocks * plan.blockTimeMs)}`}
    >
      <b>{stretch.label}</b>
      {stretch.key !== 'before' && stretch.key !== 'after' && <small>{count(blocks)}</small>}
    </div>
  );
}

function LeaseBar({ lease, scale }: { lease: LeaseSummary; scale: BlockScale }) {
  const until = lease.endedAt ?? now.value;
  const parts = [
    { kind: 'boot', from: lease.openedAt, to: lease.readyAt ?? until },
    {
      kind: lease.status === 'done' || !lease.state.startsWith('held') ? 'past' : 'up',
      from: lease.readyAt,
      to: until,
    },
  ];
  const label = `${shortId(lease.leaseId)} · ${lease.gpuCount} × ${lease.gpuName} · ${stateWords('lease', lease.state).title.toLowerCase()}`;
  const begin = heightAtTime(lease.openedAt) ?? 0;
  return (
    <div class="lane" title={label}>
      {parts.map(({ kind, from, to }) => {
        if (from === null) return null;
        const [a, b] = [heightAtTime(from), heightAtTime(to)];
        if (a === null || b === null || b <= a) return null;
        return (
          <span
            key={kind}
            class={`bar ${kind}`}
            style={{ left: `${100 * scale.at(a)}%`, width: span(scale, a, b) }}
          />
        );
      })}
      <span
        class={`bar-label ${scale.at(begin) > 0.6 ? 'end' : ''}`}
        style={
          scale.at(begin) > 0.6
            ? { right: `${100 * (1 - scale.at(heightAtTime(until) ?? 0))}%` }
            : { left: `${100 * scale.at(begin)}%` }
        }
      >
        {label}
      </span>
    </div>
  );
}

/** Heights under the borders; where two would touch, the later one gives way. */
function Ticks({ scale }: { scale: BlockScale }) {
  let last = -1;
  return (
    <div class="ticks" aria-hidden="true">
      {scale.stretches.slice(1).map(({ key, from }) => {
        const at = scale.at(from);
        if (at - last < 0.105) return null;
        last = at;
        const when = timeAtHeight(from);
        return (
          <span key={key} style={{ left: `${100 * at}%` }}>
            {height(from)}
            {when !== null && <small>{time(when)}</small>}
          </span>
        );
      })}
    </div>
  );
}

/** The same in rows: for narrow screens, and for whoever does not see. */
function Stages({ scale, plan }: { scale: BlockScale; plan: Plan }) {
  return (
    <table class="stage-table">
      <caption class="visually-hidden">Stages with first block, length and time</caption>
      <thead class="visually-hidden">
        <tr>
          <th>Stage</th>
          <th>From block</th>
          <th>At</th>
          <th>For</th>
        </tr>
      </thead>
      <tbody>
        {scale.stretches
          .filter(({ key }) => key !== 'before' && key !== 'after')
          .map(({ key, label, from, to }) => {
            const when = timeAtHeight(from);
            return (
              <tr key={key}>
                <th scope="row">
                  <i class={`swatch ${key}`} />
                  {label}
                </th>
                <td>{height(from)}</td>
                <td>{when === null ? '' : time(when)}</td>
                <td>{duration((to - from) * plan.blockTimeMs)}</td>
              </tr>
            );
          })}
      </tbody>
    </table>
  );
}
