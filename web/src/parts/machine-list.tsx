import { leases } from '../live/books.ts';
import { now } from '../live/clock.ts';
import type { LeaseSummary } from '../live/model.ts';
import { dayTime, dollars, duration, shortId } from '../words/format.ts';
import { stateWords } from '../words/state-words.ts';

const goneShown = 4;

/** The machines that are up, and the last ones that were. */
export function MachineList() {
  const all = leases.value?.leases ?? [];
  const open = all.filter(({ status }) => status !== 'done');
  const gone = all.filter(({ status }) => status === 'done').slice(0, goneShown);
  return (
    <section class="card" aria-labelledby="machines-title">
      <header>
        <h2 id="machines-title">Machines</h2>
        <p class="quiet">{open.length === 0 ? 'None is rented.' : `${open.length} rented`}</p>
      </header>
      <ul class="machines">
        {[...open, ...gone].map((lease) => (
          <MachineItem key={lease.leaseId} lease={lease} />
        ))}
      </ul>
    </section>
  );
}

function MachineItem({ lease }: { lease: LeaseSummary }) {
  const isOpen = lease.status !== 'done';
  const { title } = stateWords('lease', lease.state);
  const fault = (lease.fault as { message?: string } | null)?.message;
  const boot = lease.readyAt === null ? null : lease.readyAt - lease.openedAt;
  return (
    <li class={isOpen ? 'open' : ''}>
      <div class="machine-head">
        <b>
          {lease.gpuCount} × {lease.gpuName}
        </b>
        <span class={`chip ${isOpen ? 'live' : 'quiet'}`}>{title}</span>
      </div>
      <dl>
        <div>
          <dt>{isOpen ? 'So far' : 'Cost'}</dt>
          <dd>{dollars(lease.meteredMicroUsd)}</dd>
        </div>
        <div>
          <dt>Price</dt>
          <dd>{dollars(lease.priceMicroUsdPerHour)}/h</dd>
        </div>
        <div>
          <dt>Boot</dt>
          <dd>
            {boot === null ? (isOpen ? `${duration(now.value - lease.openedAt)} …` : '–') : duration(boot)}
          </dd>
        </div>
        <div>
          <dt>Opened</dt>
          <dd>{dayTime(lease.openedAt)}</dd>
        </div>
      </dl>
      <p class="quiet">
        {shortId(lease.leaseId)} · instance {lease.instanceId ?? '–'} · machine {lease.machineId}
        {fault !== undefined && <span class="fault"> {fault}</span>}
      </p>
    </li>
  );
}
