import { createTestModel } from '@xstate/test';
import type { AnyMachineSnapshot, AnyStateMachine, EventObject } from 'xstate';

/** A generated path, and how it is walked: what each event does to the real thing, and what is true after each. */
export interface ModelPath {
  readonly title: string;
  readonly events: readonly string[];
  walk(
    act: (event: string) => Promise<void>,
    compare: (model: AnyMachineSnapshot) => Promise<void> | void,
  ): Promise<void>;
}

/** Without it a model that counts would be explored for ever. */
const traversalLimit = 20_000;

/**
 * Shortest paths that take every transition of the model at least once. The library's own key leaves out events that
 * do not move the model, so a crash, or a message that must be ignored, would never be tried: this key names them too.
 */
export function modelPaths(model: AnyStateMachine): readonly ModelPath[] {
  const where = (snapshot: AnyMachineSnapshot | undefined): string =>
    JSON.stringify([snapshot?.value, snapshot?.context]);
  const paths = createTestModel(model, {
    serializeTransition: (_, event: EventObject | undefined, before?: AnyMachineSnapshot) =>
      event === undefined ? '' : ` via ${event.type} from ${where(before)}`,
  }).getShortestPaths({ limit: traversalLimit });
  return paths.map((path) => {
    const events = path.steps.map(({ event }) => event.type).filter((type) => !type.startsWith('xstate.'));
    return {
      title: `${events.join(', ')}: ${String(path.state.value)}`,
      events,
      walk: async (act, compare) => {
        await path.test({
          states: { '*': compare },
          events: Object.fromEntries(events.map((type) => [type, () => act(type)])),
        });
      },
    };
  });
}
