import { createTestModel } from '@xstate/test';
import {
  __unsafe_getAllOwnEventDescriptors as ownEvents,
  type AnyMachineSnapshot,
  type AnyStateMachine,
  type EventObject,
  getInitialSnapshot,
} from 'xstate';

/** A generated path, and how it is walked: what each event does to the real thing, and what is true after each. */
export interface ModelPath {
  readonly title: string;
  /** Transitions of the model that it takes, as `state event`. */
  readonly transitions: readonly string[];
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
  }).getShortestPaths({ limit: traversalLimit, events: possibleEvents });
  const initial = String(getInitialSnapshot(model).value);
  return paths.map((path) => {
    const steps = path.steps.filter(({ event }) => !event.type.startsWith('xstate.'));
    const states = [initial, ...steps.map(({ state }) => String(state.value))];
    const events = steps.map(({ event }) => event.type);
    return {
      title: `${events.join(', ')}: ${String(path.state.value)}`,
      transitions: events.map((event, index) => `${states[index]} ${event}`),
      walk: async (act, compare) => {
        await path.test({
          states: { '*': compare },
          events: Object.fromEntries(events.map((type) => [type, () => act(type)])),
        });
      },
    };
  });
}

/** Every transition that a model draws, as `state event`. */
export const transitionsOf = (model: AnyStateMachine): readonly string[] =>
  Object.values(model.states).flatMap((state) =>
    [...state.transitions.keys()].map((event) => `${state.key} ${event}`),
  );

/** What a guard forbids is no event of the state. */
const possibleEvents = (snapshot: AnyMachineSnapshot): EventObject[] =>
  ownEvents(snapshot)
    .map((type) => ({ type: String(type) }))
    .filter((event) => snapshot.can(event));
