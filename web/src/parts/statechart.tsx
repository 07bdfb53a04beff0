import { useSignal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import drawings from 'virtual:drawn-charts';
import type { ChartDrawing, DrawnState } from '../../build/chart-drawing.ts';
import { now } from '../live/clock.ts';
import type { StateStep } from '../live/row-story.ts';
import { duration, time } from '../words/format.ts';
import { stateWords } from '../words/state-words.ts';
import { neighbour, roundedLine, takenEdge, withParents } from './chart-paths.ts';
import { StateNote } from './state-note.tsx';

interface Props {
  readonly chart: string;
  /** Named in the picture's label: `Epoch 137`. */
  readonly name: string;
  /** States that the row has passed, the active one last. */
  readonly steps: readonly StateStep[];
  /** The row goes on: its active state is timed. */
  readonly isLive: boolean;
  /** Stands beside the picture, below the words on the state. */
  readonly children: ComponentChildren;
}

const arrows = ['ArrowUp', 'ArrowDown', 'ArrowLeft', 'ArrowRight'] as const;

/** A chart as the daemon runs it: where it is now lit, where it was marked, with times. */
export function Statechart({ chart, name, steps, isLive, children }: Props) {
  const picked = useSignal<string | null>(null);
  const drawing = drawings.find((each) => each.chart === chart);
  const active = steps.at(-1);
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => bringIntoSight(box.current), [active?.path]);
  if (drawing === undefined || active === undefined) {
    return (
      <div class="two">
        <p class="quiet">Nothing was noted of it yet.</p>
        <div>{children}</div>
      </div>
    );
  }
  const entered = enteredAt(steps);
  const shown = picked.value ?? innermost(drawing, active.path);

  const onKeyDown = (event: KeyboardEvent): void => {
    const key = arrows.find((each) => each === event.key);
    const from = drawing.states.find(({ id }) => id === shown);
    if (event.key === 'Escape') picked.value = null;
    if (key === undefined || from === undefined) return;
    event.preventDefault();
    const next = neighbour(drawing, from, key);
    if (next === undefined) return;
    picked.value = next.id;
    const svg = event.currentTarget as SVGElement;
    svg.querySelector<SVGElement>(`[data-state="${next.id}"]`)?.focus();
  };

  return (
    <div class="two">
      <div class="chart" ref={box}>
        <svg
          viewBox={`0 0 ${drawing.width} ${drawing.height}`}
          style={{ '--chart-width': `${drawing.width}px` }}
          role="group"
          aria-label={`${name}: ${stateWords(chart, active.path).title}. Arrow keys move between states.`}
          onKeyDown={onKeyDown}
        >
          <Arrowheads />
          <Lines drawing={drawing} steps={steps} />
          {drawing.states.map((state) => (
            <StateBox
              key={state.id}
              chart={chart}
              state={state}
              isActive={withParents(active.path).includes(state.id)}
              isLeaf={state.id === active.path}
              enteredAt={entered.get(state.id)}
              isLive={isLive}
              isShown={state.id === shown}
              pick={() => {
                picked.value = picked.value === state.id ? null : state.id;
              }}
            />
          ))}
        </svg>
      </div>
      <div>
        <StateNote drawing={drawing} path={shown} isActive={withParents(active.path).includes(shown)} />
        {children}
      </div>
    </div>
  );
}

/** On a narrow screen the picture is wider than its place. */
function bringIntoSight(box: HTMLElement | null): void {
  const leaf = box?.querySelector('.state.leaf');
  if (box === null || leaf == null || box.scrollWidth <= box.clientWidth) return;
  const [outer, inner] = [box.getBoundingClientRect(), leaf.getBoundingClientRect()];
  box.scrollLeft += inner.left + inner.width / 2 - (outer.left + outer.width / 2);
}

/** When each state was entered last, those around it with it. */
function enteredAt(steps: readonly StateStep[]): ReadonlyMap<string, number> {
  const entered = new Map<string, number>();
  let before: readonly string[] = [];
  for (const { path, at } of steps) {
    const here = withParents(path);
    for (const id of here) if (!before.includes(id)) entered.set(id, at);
    before = here;
  }
  return entered;
}

/** The state as the drawing knows it; one that it does not know yet is shown by what is around it. */
const innermost = (drawing: ChartDrawing, path: string): string =>
  withParents(path).find((id) => drawing.states.some((state) => state.id === id)) ?? path;

function Lines({ drawing, steps }: { drawing: ChartDrawing; steps: readonly StateStep[] }) {
  const taken = new Set(
    steps.slice(1).map(({ path }, place) => takenEdge(drawing, steps[place]?.path ?? '', path)),
  );
  const last =
    steps.length > 1 ? takenEdge(drawing, steps.at(-2)?.path ?? '', steps.at(-1)?.path ?? '') : undefined;
  // What was taken lies above what was not.
  const ordered = drawing.edges.toSorted((a, b) => Number(taken.has(a)) - Number(taken.has(b)));
  return (
    <g class="lines" aria-hidden="true">
      {ordered.map((edge) => {
        const kind = edge === last ? 'last' : taken.has(edge) ? 'taken' : 'open';
        return (
          <path
            key={`${edge.from}>${edge.to}`}
            class={kind}
            d={roundedLine(edge.points)}
            marker-end={`url(#tip-${kind})`}
          />
        );
      })}
    </g>
  );
}

const Arrowheads = () => (
  <defs>
    {['open', 'taken', 'last'].map((kind) => (
      <marker
        key={kind}
        id={`tip-${kind}`}
        class={kind}
        viewBox="0 0 8 8"
        refX="7"
        refY="4"
        markerWidth="7"
        markerHeight="7"
        markerUnits="userSpaceOnUse"
        orient="auto"
      >
        <path d="M0.5 0.8 7.4 4 0.5 7.2Z" />
      </marker>
    ))}
  </defs>
);

function StateBox({
  chart,
  state,
  isActive,
  isLeaf,
  isLive,
  isShown,
  enteredAt: at,
  pick,
}: {
  chart: string;
  state: DrawnState;
  isActive: boolean;
  isLeaf: boolean;
  isLive: boolean;
  isShown: boolean;
  enteredAt: number | undefined;
  pick: () => void;
}) {
  const { title } = stateWords(chart, state.id);
  const holdsOthers = state.kind === 'compound' || state.kind === 'parallel';
  const caption = at === undefined ? '' : isActive && isLive ? `for ${duration(now.value - at)}` : time(at);
  const classes = [
    'state',
    state.kind,
    isActive ? 'active' : at === undefined ? '' : 'passed',
    isLeaf ? 'leaf' : '',
    isShown ? 'shown' : '',
  ];
  return (
    <g
      class={classes.filter(Boolean).join(' ')}
      data-state={state.id}
      transform={`translate(${state.x} ${state.y})`}
      role="button"
      tabindex={isShown ? 0 : -1}
      aria-pressed={isShown}
      aria-label={`${title}${isActive ? ', active' : at === undefined ? ', not entered' : ', passed'}${caption === '' ? '' : `, ${caption}`}`}
      onClick={(event) => {
        event.stopPropagation();
        pick();
      }}
      onKeyDown={(event) => {
        if (event.key !== 'Enter' && event.key !== ' ') return;
        event.preventDefault();
        pick();
      }}
    >
      <rect width={state.width} height={state.height} rx={holdsOthers ? 12 : 9} />
      {state.kind === 'final' && (
        <rect class="inner" x="3" y="3" width={state.width - 6} height={state.height - 6} rx={7} />
      )}
      <text x="11" y={holdsOthers || caption !== '' ? 18 : 26} class="title">
        {title}
      </text>
      {caption !== '' && (
        <text
          x={holdsOthers ? state.width - 11 : 11}
          y={holdsOthers ? 18 : 33}
          text-anchor={holdsOthers ? 'end' : 'start'}
          class="caption"
        >
          {caption}
        </text>
      )}
    </g>
  );
}
