import { describe, expect, it } from 'vitest';
import { chartGraph } from '../../src/machines/chart-graph.ts';
import { chainClockMachine } from '../../src/machines/chain-clock.ts';
import { confirmationMachine } from '../../src/machines/confirmation.ts';
import { epochMachine } from '../../src/machines/epoch.ts';
import { leaseMachine } from '../../src/machines/lease.ts';
import { participantMachine } from '../../src/machines/participant.ts';
import { reconcilerMachine } from '../../src/machines/reconciler.ts';
import { registrationMachine } from '../../src/machines/registration.ts';
import { serviceMachine } from '../../src/machines/service.ts';
import { tunnelMachine } from '../../src/machines/tunnel.ts';
import { upstreamMachine } from '../../src/machines/upstream.ts';
import { layOutChart } from '../../web/build/chart-layout.ts';
import { exitsFrom, takenEdge } from '../../web/src/parts/chart-paths.ts';
import { eventWords } from '../../web/src/words/event-words.ts';
import { duration, spread } from '../../web/src/words/format.ts';
import { otherWords } from '../../web/src/words/other-words.ts';
import { hasWords } from '../../web/src/words/state-words.ts';

const charts = [epochMachine, leaseMachine, serviceMachine, confirmationMachine, registrationMachine];

describe.each(charts.map((machine) => chartGraph(machine)))('the chart $chart on the page', (graph) => {
  it('has words for every state (web/src/words/state-words.ts)', () => {
    const without = graph.states.map(({ id }) => id).filter((id) => !hasWords(graph.chart, id));
    expect(without).toEqual([]);
  });

  it('has words for everything that may happen in it (web/src/words/event-words.ts)', () => {
    const events = graph.edges.flatMap(({ exits }) => exits.map(({ event }) => event));
    // An event that nobody gave words comes out as its own name in small letters.
    const bare = [...new Set(events)].filter(
      (event) => eventWords(event).replaceAll(' ', '') === event.replaceAll(/[._ ]/g, '').toLowerCase(),
    );
    expect(bare).toEqual([]);
  });

  it('is laid out without two states over each other, every line with two ends', async () => {
    const drawing = await layOutChart(graph);
    const over = drawing.states.flatMap((a, place) =>
      drawing.states
        .slice(place + 1)
        .filter((b) => a.parent === b.parent)
        .filter(
          (b) => a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height,
        )
        .map((b) => `${a.id} ${b.id}`),
    );
    expect(over).toEqual([]);
    expect(drawing.edges.filter(({ points }) => points.length < 2)).toEqual([]);
  });
});

describe('the way through a chart', () => {
  it('follows the line from inside a state to inside another', async () => {
    const drawing = await layOutChart(chartGraph(leaseMachine));
    expect(takenEdge(drawing, 'qualifying', 'held.ready')).toMatchObject({ from: 'qualifying', to: 'held' });
    expect(takenEdge(drawing, 'held.working', 'releasing.destroying')).toMatchObject({ from: 'held' });
    expect(takenEdge(drawing, 'intended', 'gone')).toBeUndefined();
    const exits = exitsFrom(drawing, 'held.ready').map(({ to }) => to);
    expect(exits).toEqual(expect.arrayContaining(['held.working', 'releasing']));
  });
});

describe('times for people', () => {
  it.each([
    [400, '0 s'],
    [59_400, '59 s'],
    [260_000, '4 min 20 s'],
    [3_599_000, '60 min'],
    [7_500_000, '2 h 05 min'],
    [200_000_000, '2 d 8 h'],
  ])('%i ms is %s', (ms, text) => expect(duration(ms)).toBe(text));

  it.each([
    [100, '±1 s'],
    [45_100, '±46 s'],
    [100_000, '±2 min'],
    [7_000_000, '±2 h'],
  ])('a doubt of %i ms is %s', (ms, text) => expect(spread(ms)).toBe(text));
});

const others = [chainClockMachine, upstreamMachine, tunnelMachine, reconcilerMachine, participantMachine];

it.each(others.map((machine) => chartGraph(machine)))(
  'the rest of the house has words for every state of $chart (web/src/words/other-words.ts)',
  ({ chart, states }) => {
    const leaves = states.map(({ id }) => id).filter((id) => !states.some(({ parent }) => parent === id));
    expect(leaves.filter((id) => otherWords(chart, id) === undefined)).toEqual([]);
  },
);
