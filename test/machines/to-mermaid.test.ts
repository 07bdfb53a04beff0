import { createMachine } from 'xstate';
import { expect, test } from 'vitest';
import { toMermaid } from '../../src/machines/to-mermaid.ts';

const machine = createMachine({
  id: 'case',
  initial: 'idle',
  on: { RESET: '.idle' },
  states: {
    idle: { on: { 'POC.NEAR': [{ guard: 'isRich', target: 'working' }, { target: 'over' }] } },
    working: {
      type: 'parallel',
      onDone: 'over',
      states: {
        left: {
          initial: 'asking',
          states: {
            asking: {
              invoke: { id: 'ask', src: 'ask', onDone: 'had', onError: '#case.over' },
              after: { patience: 'had' },
            },
            had: { type: 'final' },
          },
        },
        right: { always: { guard: () => true, target: '#case.over' } },
      },
    },
    over: { type: 'final' },
  },
});

test('a chart is drawn with its nesting, work, guards, delays and parallel regions', () => {
  expect(toMermaid(machine)).toBe(`stateDiagram-v2
  [*] --> idle
  state "idle" as idle
  state "working" as working {
    state "left" as working__left {
      [*] --> working__left__asking
      state "asking (ask)" as working__left__asking
      state "had" as working__left__had
      working__left__had --> [*]
    }
    --
    state "right" as working__right
  }
  state "over" as over
  over --> [*]
  idle --> working: POC.NEAR [isRich]
  idle --> over: POC.NEAR
  working --> over: done
  working__left__asking --> working__left__had: ask done
  working__left__asking --> over: ask failed
  working__left__asking --> working__left__had: after patience
  working__right --> over: always [guard]`);
});

test('the active states are marked, parents included', () => {
  const marked = (value: Parameters<typeof toMermaid>[1]): string[] =>
    [...toMermaid(machine, value).matchAll(/^ {2}class (\S+) active$/gm)].map((match) => match[1] ?? '');
  expect(marked('idle')).toEqual(['idle']);
  expect(marked({ working: { left: 'asking', right: {} } })).toEqual([
    'working',
    'working__left',
    'working__left__asking',
    'working__right',
  ]);
  expect(marked('no state of this version')).toEqual([]);
});
