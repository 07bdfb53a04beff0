import { computed } from '@preact/signals';
import { epochs, leases } from './books.ts';
import { state } from './link.ts';

/** The PoC that the page is about: the earliest that is not over, else the newest. */
export const currentEpoch = computed(() => {
  const known = epochs.value?.epochs ?? [];
  const open = known
    .filter(({ status }) => status !== 'done')
    .toSorted((a, b) => a.epochIndex - b.epochIndex);
  // One that only holds its machine gives way to the next as soon as that one does something.
  const busy = open.find(({ state: at }) => !['idle', 'planned', 'holding'].includes(at));
  return busy ?? open[0] ?? known[0];
});

/** Machines that are not gone, the oldest first. */
export const openLeases = computed(() =>
  (leases.value?.leases ?? [])
    .filter(({ status }) => status !== 'done')
    .toSorted((a, b) => a.openedAt - b.openedAt),
);

/** Machines that belong to what the page is about: open ones, and those of the PoC that is shown. */
export const shownLeases = computed(() => {
  const ids = new Set(currentEpoch.value?.leaseIds ?? []);
  return (leases.value?.leases ?? [])
    .filter(({ leaseId, status }) => status !== 'done' || ids.has(leaseId))
    .toSorted((a, b) => a.openedAt - b.openedAt);
});

/** Rows of the daemon that are neither epoch nor machine. */
export const otherRows = computed(() =>
  (state.value?.machines ?? []).filter(
    ({ chart, status }) => chart !== 'epoch' && chart !== 'lease' && status !== 'done',
  ),
);
