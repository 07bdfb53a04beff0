import { describe, expect, it } from 'vitest';
import type { AnyStateMachine, AnyStateNode, StateValue } from 'xstate';
import { createNarrator, epochOutcome, path } from '../../src/cli/narrator.ts';
import type { EpochContext } from '../../src/machines/epoch-context.ts';
import type { RowEvent } from '../../src/runtime/interface.ts';
import { charts } from '../../src/wiring/daemon.ts';

const entry = (chart: string, rowId: string, value: unknown, event: RowEvent = { type: 'X' }) => ({
  chart,
  rowId,
  value,
  event,
});

describe('the story of the journal', () => {
  it('has a sentence for each new state of a row, and silence while the state stays', () => {
    const tell = createNarrator();
    expect(tell(entry('epoch', 'epoch:136', 'idle'))).toEqual({
      subject: 'epoch 136',
      text: 'waits for its PoC',
      isBad: false,
    });
    expect(tell(entry('epoch', 'epoch:136', 'idle'))).toBeNull();
    expect(tell(entry('epoch', 'epoch:137', 'idle'))?.subject).toBe('epoch 137');
    expect(tell(entry('epoch', 'epoch:136', 'approaching'))?.text).toMatch(/^approaches/);
    expect(tell(entry('epoch', 'epoch:136', 'idle'))?.text).toBe('waits for its PoC');
  });

  it('is silent while a plan that is worked out anew brings its row back to where it was', () => {
    const tell = createNarrator();
    expect(tell(entry('epoch', 'epoch:136', 'approaching'))?.text).toMatch(/^approaches/);
    expect(tell(entry('epoch', 'epoch:136', 'idle', { type: 'PLAN.CHANGED' }))).toBeNull();
    expect(tell(entry('epoch', 'epoch:136', 'approaching'))).toBeNull();
  });

  it('tells machines apart by the end of their ids, and needs no id where there is one row', () => {
    const tell = createNarrator();
    expect(tell(entry('lease', 'lease:01JABCDEFGHJKMNPQRSTVWXYZ0', 'creating'))).toMatchObject({
      subject: 'machine VWXYZ0',
      text: 'is being rented',
    });
    expect(tell(entry('service', 'service', { pow: 'generating' }))?.subject).toBe('node');
  });

  it('says why, when something failed', () => {
    const error = { code: 'VAST_NO_OFFER', class: 'retryable', message: 'no offer up to $1/h' };
    const event = { type: 'xstate.error.actor.chooseOffer', error };
    expect(createNarrator()(entry('epoch', 'epoch:136', { renting: 'pausing' }, event))).toEqual({
      subject: 'epoch 136',
      text: 'found no machine; looks again in a moment (VAST_NO_OFFER: no offer up to $1/h)',
      isBad: true,
    });
  });

  it('falls back on the outer state, and is silent about charts and states that mean nothing to a person', () => {
    const tell = createNarrator();
    expect(tell(entry('lease', 'lease:A', { confirmingGone: 'looking' }))?.text).toMatch(/two lists/);
    expect(tell(entry('lease', 'lease:A', { confirmingGone: 'pausing' }))).toBeNull();
    expect(tell(entry('tunnel', 'tunnel:A', 'open'))).toBeNull();
    expect(tell(entry('service', 'service', { pow: 'idle' }))).toBeNull();
    expect(tell(entry('epoch', 'epoch:1', undefined))).toBeNull();
  });

  it.each(['epoch', 'lease'] as const)(
    'has words for every state of the %s chart in which it can rest',
    (chart) => {
      const silent = restingStates(charts[chart].machine).filter(
        (value) => createNarrator()(entry(chart, `${chart}:1`, value)) === null,
      );
      expect(silent.map(path).filter((state) => !passed.has(state))).toEqual([]);
    },
  );
});

/** Left within the step that enters them, or told by the state around them. */
const passed = new Set(['planned', 'intended', 'releasing.checking', 'releasing.recounting']);

function restingStates(machine: AnyStateMachine): StateValue[] {
  const leaves = (node: AnyStateNode): AnyStateNode[] => {
    const children = Object.values(node.states);
    return children.length === 0 ? [node] : children.flatMap(leaves);
  };
  return leaves(machine.root).map((node) =>
    node.path
      .slice(0, -1)
      .reduceRight<StateValue>((inner, key) => ({ [key]: inner }), node.path.at(-1) ?? ''),
  );
}

it('names a state by its path', () => {
  expect(path('idle')).toBe('idle');
  expect(path({ renting: { choosing: 'now' } })).toBe('renting.choosing.now');
  expect(path({ asking: 'reading', standing: 'following' })).toBe('asking.reading standing.following');
  expect(path(null)).toBe('');
});

it('says of an epoch that is not over that it is open', () => {
  expect(epochOutcome({ outcome: null } as EpochContext)).toBe('open');
  expect(epochOutcome({ outcome: 'completed' } as EpochContext)).toBe('completed');
});
