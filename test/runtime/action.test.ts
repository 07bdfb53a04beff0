import { describe, expect, it } from 'vitest';
import { type Scribe, takeAction } from '../../src/runtime/action.ts';
import type { IntentRecord } from '../../src/runtime/store.ts';
import { unixMs } from '../../src/units.ts';

const intent = (actorId: string, src = actorId): IntentRecord => ({
  id: `row:1:${actorId}`,
  rowId: 'row',
  actorId,
  src,
  input: null,
});
function scribe(...intents: readonly IntentRecord[]): Scribe {
  return {
    row: { id: 'row', chart: 'c', rowSeq: 4 },
    moneyActors: ['pay'],
    effects: { job: () => Promise.resolve(null) },
    now: unixMs(1_000),
    writes: [],
    openings: [],
    intents: new Map(intents.map((one) => [one.id, one])),
  };
}
function taken(type: string, params: unknown, ...intents: readonly IntentRecord[]): Scribe {
  const one = scribe(...intents);
  takeAction(one, { type, params });
  return one;
}

describe('an action of a chart', () => {
  it('that begins work opens an intent with its input as plain data', () => {
    const one = taken('xstate.spawnChild', { id: 'ask', src: 'job', input: { n: 1, gone: undefined } });
    const opened = { id: 'row:4:ask', rowId: 'row', actorId: 'ask', src: 'job', input: { n: 1 } };
    expect(one.writes).toEqual([{ kind: 'openIntent', intent: opened }]);
    expect([...one.intents.values()]).toEqual([opened]);
  });

  it.each([
    ['work without a name', 'xstate.spawnChild', { src: 'job' }, 'spawns an unnamed actor'],
    ['work without a source', 'xstate.spawnChild', { id: 'ask', src: {} }, 'spawns an unnamed actor'],
    ['work that nothing does', 'xstate.spawnChild', { id: 'ask', src: 'other' }, 'has no effect "other"'],
    ['what cannot be made safe', 'xstate.sendTo', {}, 'which cannot be made crash-safe'],
    ['a telling to nobody', 'tell', { to: '', event: { type: 'E' } }, 'tell.to is no name'],
    ['a row without a name', 'open', { chart: 'c', id: '', input: null }, 'open.id is no name'],
    ['a row of a number', 'open', { chart: 'c', id: 7, input: null }, 'open.id is no name'],
    ['an alert without a key', 'clearAlert', {}, 'clearAlert.key is no name'],
    ['a deadline without an id', 'disarmHeight', { id: '' }, 'disarmHeight.id is no name'],
    ['a height that is none', 'armHeight', { id: 'h', height: 'x', ceilingMs: 1 }, 'armHeight.height is x'],
    ['a limit that is none', 'armHeight', { id: 'h', height: 1 }, 'armHeight.ceilingMs is undefined'],
    ['a delay that is none', 'xstate.raise', { event: { type: 'E' }, delay: NaN }, 'delay is NaN'],
  ])('is refused: %s', (_, type, params, message) => {
    expect(() => taken(type, params)).toThrow(message);
  });

  it('that ends work closes its intent alone, by name or by reference', () => {
    for (const child of ['ask', { id: 'ask' }]) {
      const one = taken('xstate.stopChild', child, intent('ask'), intent('other'));
      expect(one.writes).toEqual([{ kind: 'closeIntent', intentId: 'row:1:ask' }]);
      expect([...one.intents.keys()]).toEqual(['row:1:other']);
    }
    expect(taken('xstate.stopChild', undefined, intent('ask')).writes).toEqual([]);
  });

  it('never leaves work that moves money', () => {
    expect(() => taken('xstate.stopChild', 'x', intent('x', 'pay'))).toThrow('it moves money');
  });

  it('that waits arms a timer from now on, one without a name another one each time', () => {
    const event = { type: 'E' };
    expect(taken('xstate.raise', { event, id: 't', delay: 50 }).writes).toEqual([
      { kind: 'armTimer', timer: { rowId: 'row', id: 't', dueAt: 1_050, event } },
    ]);
    const one = scribe();
    for (let n = 0; n < 2; n += 1) takeAction(one, { type: 'xstate.raise', params: { event, delay: 50 } });
    const ids = one.writes.map((write) => (write.kind === 'armTimer' ? write.timer.id : ''));
    expect(new Set(ids).size).toBe(2);
    expect(taken('xstate.raise', { event }).writes).toEqual([]);
    expect(taken('xstate.cancel', { sendId: 't' }).writes).toEqual([{ kind: 'dropTimer', id: 't' }]);
  });

  it('that waits for a height arms it with its limit on the clock', () => {
    const event = { type: 'H' };
    expect(taken('armHeight', { id: 'h', height: 70, event, ceilingMs: 500 }).writes).toEqual([
      { kind: 'armHeight', deadline: { rowId: 'row', id: 'h', height: 70, ceilingAt: 1_500, event } },
    ]);
  });

  it('that opens a row is kept for the end of the step', () => {
    const opening = { chart: 'c', id: 'new', input: { a: 1 } };
    const one = taken('open', opening);
    expect([one.openings, one.writes]).toEqual([[opening], []]);
  });
});
