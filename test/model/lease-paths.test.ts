import { describe, expect, test } from 'vitest';
import type { AnyMachineSnapshot } from 'xstate';
import type { LeaseContext } from '../../src/machines/lease-context.ts';
import { leaseMachine } from '../../src/machines/lease.ts';
import { LeaseHand, limitsMs } from './lease-hand.ts';
import { leaseModel } from './lease-model.ts';
import { modelPaths, transitionsOf } from './model-paths.ts';
import { ModelRig } from './rig.ts';

const paths = modelPaths(leaseModel);
const said = 'the operator said so';
/** States of the real chart that the paths passed. */
const passed = new Set<string>();

const realState: Readonly<Record<string, string>> = {
  lookingUp: 'lookingUp.looking',
  lookUpPause: 'lookingUp.pausing',
  ready: 'held.ready',
  working: 'held.working',
  destroying: 'releasing.destroying',
  destroyPause: 'releasing.pausing',
  proving: 'confirmingGone.looking',
  provePause: 'confirmingGone.pausing',
};

/** A fault of the running actor, and the reason that the operator reads. */
const faults = {
  offerGone: ['createInstance', 'VAST_OFFER_GONE'],
  noCredit: ['createInstance', 'VAST_NO_CREDIT'],
  answerLost: ['createInstance', 'VAST_CREATE_UNKNOWN'],
  hostFailed: ['awaitRunning', 'VAST_INSTANCE_FAILED'],
  imageMissing: ['awaitRunning', 'VAST_IMAGE_MISSING'],
  overPrice: ['awaitRunning', 'VAST_OVER_PRICE'],
  loginFailed: ['openTunnel', 'SSH_AUTH_REFUSED'],
  mlnodeFailed: ['awaitMlnode', 'MLNODE_BAD_ANSWER'],
  modelFailed: ['loadModel', 'MODEL_OUT_OF_MEMORY'],
  noGpu: ['qualifyMachine', 'MACHINE_NO_GPU'],
  machineLost: ['watchMachine', 'SSH_LOST'],
  destroyFailed: ['destroyInstance', 'VAST_UNREACHABLE'],
} as const;
/** Faults that the lease itself mends; they are no reason for its end. */
const mended = new Set(['answerLost', 'destroyFailed']);

class LeaseWorld {
  readonly rig = new ModelRig();
  readonly lease = LeaseHand.opened(this.rig, 'A');
  reason: string | null = null;
  hasBeenReady = false;
  hasExisted = false;

  async act(event: string): Promise<void> {
    const { rig, lease } = this;
    const { rowId } = lease;
    if (event in faults) {
      const [actor, code] = faults[event as keyof typeof faults];
      await rig.fail(rowId, actor, code);
      if (!mended.has(event)) this.reason ??= code;
      return;
    }
    switch (event) {
      case 'crash':
        return rig.crash();
      case 'releaseAsked':
        this.reason ??= said;
        await rig.send(rowId, { type: 'LEASE.RELEASE_ASKED', reason: said });
        return;
      case 'workStarted':
        await rig.send(rowId, { type: 'LEASE.WORK_STARTED' });
        return;
      case 'tooLong':
        this.reason ??= lease.state === 'loadingModel' ? 'MODEL_START_SLOW' : 'MACHINE_NEVER_BOOTED';
        return this.#waitBeyondLimit();
      case 'hostKeyChanged':
        this.reason ??= 'SSH_HOST_KEY_CHANGED';
        return rig.fail(rowId, rig.running(rowId) ?? '', 'SSH_HOST_KEY_CHANGED');
      case 'labelMissing':
        this.reason ??= 'VAST_CREATE_UNKNOWN';
        return rig.settle(rowId, 'lookUpLabel', { instanceId: null });
      case 'listUnknown':
        return rig.fail(rowId, rig.running(rowId) ?? '', 'VAST_LIST_UNKNOWN');
      case 'pauseOver':
        await rig.clock.advanceBy(60_000);
        return;
      case 'neverWasThere':
        return rig.settle(rowId, 'destroyInstance', 'no_such_instance');
      case 'modelWanted':
        return rig.settle(rowId, 'awaitMlnode', { model: 'org/model' });
      case 'stillListed':
        return lease.stillListed();
      default:
        // Every other event of the model is a good end of what runs.
        if (event === 'created' || event === 'labelFound') this.hasExisted = true;
        if (event === 'qualified') this.hasBeenReady = true;
        return lease.goOn();
    }
  }

  compare(model: AnyMachineSnapshot): void {
    const { rig, lease } = this;
    const expected = String(model.value);
    passed.add(lease.state);
    expect(lease.state).toBe(realState[expected] ?? expected);
    for (const tag of ['paying', 'usable']) {
      expect(rig.tags(lease.rowId).includes(tag), tag).toBe(model.hasTag(tag));
    }
    const context = rig.context(lease.rowId) as LeaseContext;
    expect(context.reason).toBe(this.reason);
    if (expected !== 'gone') expect(context.destroyTries).toBe(model.context.tries);
    if (expected === 'gone') this.#compareEnd();
    rig.check();
  }

  #compareEnd(): void {
    const { rig, lease } = this;
    const [row] = rig.runtime.leases();
    expect(row).toMatchObject({ rowId: lease.rowId, isGone: true });
    expect((row?.settled ?? -1) > 0).toBe(this.hasExisted);
    const told = rig.runtime
      .journalSince(0, 1_000)
      .filter(({ event }) => event.type === 'runtime.undelivered' && event['to'] === 'epoch:7')
      .map(({ event }) => (event['event'] as { type: string }).type);
    expect(told.slice(0, this.hasBeenReady ? 2 : 1)).toEqual(
      this.hasBeenReady ? ['LEASE.READY', 'LEASE.ENDED'] : ['LEASE.ENDED'],
    );
    expect(told.indexOf('LEASE.GONE')).toBe(told.length - 1);
    expect(rig.runtime.alerts()).toEqual([]);
  }

  /** The limit is kept to the millisecond: neither sooner nor later. */
  async #waitBeyondLimit(): Promise<void> {
    const { state } = this.lease;
    await this.rig.clock.advanceBy((limitsMs[state] ?? 0) - 1);
    expect(this.lease.state).toBe(state);
    await this.rig.clock.advanceBy(1);
  }
}

describe('a lease, along every path of its model', () => {
  test.each(paths.map((path) => [path.title, path] as const))('%s', async (_title, path) => {
    const world = new LeaseWorld();
    try {
      await path.walk(
        (event) => world.act(event),
        (model) => world.compare(model),
      );
    } finally {
      await world.rig.close();
    }
  });
});

test('the paths take every transition of the model, crash in every state, and pass every state of the chart', () => {
  const taken = new Set(paths.flatMap((path) => path.transitions));
  expect([...taken].toSorted()).toEqual(transitionsOf(leaseModel).toSorted());
  expect(Object.keys(leaseModel.states).filter((state) => !taken.has(`${state} crash`))).toEqual([]);
  const resting = leafStates(leaseMachine.root).filter((state) => state !== 'intended');
  expect([...passed].toSorted()).toEqual(resting.toSorted());
});

function leafStates(node: { states: object; path: readonly string[] }): string[] {
  const children = Object.values(node.states) as (typeof node)[];
  return children.length === 0 ? [node.path.join('.')] : children.flatMap(leafStates);
}
