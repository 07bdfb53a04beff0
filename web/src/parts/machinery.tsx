import { computed, signal } from '@preact/signals';
import { currentEpoch, shownLeases } from '../live/current.ts';
import { state } from '../live/link.ts';
import { rowStory } from '../live/row-story.ts';
import { shortId } from '../words/format.ts';
import { rowName } from '../words/row-words.ts';
import { stateWords } from '../words/state-words.ts';
import { Statechart } from './statechart.tsx';
import { Story } from './story.tsx';
import { Tabs } from './tabs.tsx';

interface Subject {
  readonly rowId: string;
  readonly chart: string;
  readonly label: string;
  readonly isLive: boolean;
}

const houseRows: readonly Subject[] = [
  { rowId: 'service', chart: 'service', label: 'Node', isLive: true },
  { rowId: 'confirmation', chart: 'confirmation', label: 'Confirmation', isLive: true },
  { rowId: 'registration', chart: 'registration', label: 'Registration', isLive: true },
];

const chosen = signal<string | null>(null);

/** What there is a chart for: the PoC, its machines, and what the node presents. */
const subjects = computed((): readonly Subject[] => {
  const epoch = currentEpoch.value;
  return [
    ...(epoch === undefined
      ? []
      : [
          {
            rowId: epoch.rowId,
            chart: 'epoch',
            label: `Epoch ${epoch.epochIndex}`,
            isLive: epoch.status !== 'done',
          },
        ]),
    ...shownLeases.value.map(({ leaseId, status }) => ({
      rowId: `lease:${leaseId}`,
      chart: 'lease',
      label: `Machine ${shortId(leaseId)}`,
      isLive: status !== 'done',
    })),
    ...houseRows.filter(({ rowId }) => state.value?.machines.some(({ id }) => id === rowId)),
  ];
});

/** The live charts, one at a time. */
export function Machinery() {
  const all = subjects.value;
  const subject = all.find(({ rowId }) => rowId === chosen.value) ?? all[0];
  if (subject === undefined) return null;
  const steps = rowStory(subject.rowId);
  const active = steps.at(-1);
  return (
    <section class="card machinery" aria-labelledby="machinery-title">
      <header>
        <h2 id="machinery-title">How it goes, step by step</h2>
        <Tabs
          label="What the picture shows"
          tabs={all.map(({ rowId, label }) => ({ id: rowId, label }))}
          active={subject.rowId}
          onPick={(rowId) => {
            chosen.value = rowId;
          }}
        />
      </header>
      <div role="tabpanel" id="tabpanel" aria-label={subject.label}>
        <p class="visually-hidden" role="status">
          {active === undefined ? '' : `${subject.label}: ${stateWords(subject.chart, active.path).title}`}
        </p>
        <Statechart
          key={subject.rowId}
          chart={subject.chart}
          name={rowName(subject.rowId)}
          steps={steps}
          isLive={subject.isLive}
        >
          <h3>The way so far</h3>
          <Story chart={subject.chart} steps={steps} isLive={subject.isLive} />
        </Statechart>
      </div>
    </section>
  );
}
