import { assign, setup } from 'xstate';
import { writes } from '../../src/machines/writes.ts';
import { createRuntime } from '../../src/runtime/durable-runtime.ts';
import type { Runtime } from '../../src/runtime/interface.ts';
import type { Store } from '../../src/runtime/store.ts';
import { createSystemClock } from '../../src/runtime/system-clock.ts';
import { chart } from './charts.ts';

const counter = setup({
  types: { context: {} as { n: number }, events: {} as { type: string } },
  actions: { ...writes },
}).createMachine({
  id: 'counter',
  context: { n: 0 },
  on: {
    ADD: {
      actions: [
        assign({ n: ({ context }) => context.n + 1 }),
        { type: 'tell', params: { to: 'echo', event: { type: 'ECHO' } } },
      ],
    },
  },
});
const echo = setup({ types: { context: {} as { n: number }, events: {} as { type: string } } }).createMachine(
  {
    id: 'echo',
    context: { n: 0 },
    on: { ECHO: { actions: assign({ n: ({ context }) => context.n + 1 }) } },
  },
);

/** A runtime whose row `counter` counts, and tells row `echo` of each step. */
export function startCounting(store: Store): Runtime {
  const runtime = createRuntime({
    store,
    clock: createSystemClock(),
    charts: { counter: chart(counter), echo: chart(echo) },
    effects: {},
    report: {
      parked: (rowId, event, fault) => {
        throw new Error(`${rowId} parked ${event.type}: ${fault.message}`);
      },
      late: () => {},
    },
  });
  runtime.start();
  runtime.open('echo', 'echo', null);
  runtime.open('counter', 'counter', null);
  return runtime;
}

export function counted(runtime: Runtime, rowId: 'counter' | 'echo'): number {
  return (runtime.row(rowId)?.context as { n: number } | undefined)?.n ?? 0;
}
