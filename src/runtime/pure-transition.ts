import {
  type ActorScope,
  type AnyEventObject,
  type AnyMachineSnapshot,
  type AnyStateMachine,
  createActor,
} from 'xstate';
import type { ExecutableAction } from './action.ts';

type Scope = ActorScope<AnyMachineSnapshot, AnyEventObject>;

/** One a machine: making it anew for each step, as XState's `transition()` does, costs more than the step itself. */
const scopes = new WeakMap<AnyStateMachine, Scope>();

/**
 * XState's pure `transition()` (5.33.3): the next snapshot, and the actions as data. Nothing is performed, and nothing
 * of one step is left over for the next: charts of this house name no systems and keep no `self`.
 */
export function pureTransition(
  machine: AnyStateMachine,
  snapshot: AnyMachineSnapshot,
  event: AnyEventObject,
): [AnyMachineSnapshot, readonly ExecutableAction[]] {
  const actions: ExecutableAction[] = [];
  return [machine.transition(snapshot, event, collecting(machine, actions) as never), actions];
}

/** The same of XState's `initialTransition()`, which begins by making an actor that nobody needs. */
export function pureOpening(
  machine: AnyStateMachine,
  input: unknown,
): [AnyMachineSnapshot, readonly ExecutableAction[]] {
  const actions: ExecutableAction[] = [];
  return [machine.getInitialSnapshot(collecting(machine, actions) as never, input), actions];
}

function collecting(machine: AnyStateMachine, actions: ExecutableAction[]): Scope {
  const scope = scopes.get(machine) ?? inertScope(machine);
  return {
    ...scope,
    actionExecutor: (action: ExecutableAction) => {
      actions.push(action);
    },
  };
}

function inertScope(machine: AnyStateMachine): Scope {
  const self = createActor(machine);
  const nothing = (): void => {};
  const scope = {
    self,
    system: self.system,
    id: '',
    sessionId: '',
    defer: nothing,
    logger: nothing,
    stopChild: nothing,
    emit: nothing,
    actionExecutor: nothing,
  } as unknown as Scope;
  scopes.set(machine, scope);
  return scope;
}
