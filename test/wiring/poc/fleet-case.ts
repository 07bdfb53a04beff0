import { onTestFinished } from 'vitest';
import { createHttpMlnode } from '../../../src/adapters/mlnode/index.ts';
import { createWorldTransport, rawPath } from '../../../src/adapters/world-transport.ts';
import type { NetworkNode } from '../../../src/adapters/network-node/interface.ts';
import type { PowCall } from '../../../src/adapters/mlnode/interface.ts';
import { HybridError } from '../../../src/errors.ts';
import { createRuntime } from '../../../src/runtime/durable-runtime.ts';
import type { Runtime } from '../../../src/runtime/interface.ts';
import { createSqliteOutbox } from '../../../src/runtime/sqlite-outbox.ts';
import { createSqliteValidationBatches } from '../../../src/runtime/sqlite-validation-batches.ts';
import { openSqliteStore, type SqliteStore } from '../../../src/runtime/sqlite-store.ts';
import { VirtualClock } from '../../../src/runtime/virtual-clock.ts';
import type { PowReply } from '../../../src/server/mlnode-api/desk.ts';
import { batchDigest } from '../../../src/server/relay/batch-digest.ts';
import { type CallbackPost, createCallbackPost } from '../../../src/wiring/poc/callback-post.ts';
import { charts } from '../../../src/wiring/daemon.ts';
import type { MachineRoom } from '../../../src/wiring/machine/machine-room.ts';
import { serviceRow } from '../../../src/wiring/row-names.ts';
import { createServiceDesk, type ServiceDesk } from '../../../src/wiring/poc/service-desk.ts';
import { MlnodeWorld } from '../../../src/world/machine/mlnode.ts';
import { Random } from '../../../src/world/random.ts';
import { join } from 'node:path';
import { temporaryDir } from '../../runtime/rig.ts';
import { withHeldLeases } from '../held-leases.ts';
import { silent } from '../small-town.ts';

/** A callback as the Network Node got it. */
export interface Delivered {
  readonly kind: 'generated' | 'validated';
  readonly body: {
    readonly public_key: string;
    readonly node_id: number;
    readonly nonces: readonly number[];
  };
}

interface Machine {
  readonly world: MlnodeWorld;
  readonly callbackPort: number;
  /** Row of the PoC that it was rented for. */
  owner: string;
  isHeld: boolean;
  isOpen: boolean;
}

/** `n` of `count` as the Network Node assigned it. */
export const assigned = { nodeId: 3, nodeCount: 7 };

export const initBody = (change: Record<string, unknown> = {}): string =>
  JSON.stringify({
    node_id: assigned.nodeId,
    node_count: assigned.nodeCount,
    block_hash: 'ABCD',
    block_height: 2_089_140,
    public_key: '02ff',
    batch_size: 100,
    r_target: 1.398077,
    fraud_threshold: 1e-7,
    params: { vocab_size: 8196 },
    url: 'http://api.world:9100/v1/poc-batches',
    ...change,
  });

export const batchBody = (publicKey: string): string =>
  JSON.stringify({
    public_key: publicKey,
    block_hash: 'ABCD',
    block_height: 2_089_140,
    nonces: [5, 19],
    dist: [1.31, 1.39],
    node_id: 0,
  });

/** The daemon's desk and relay with several ML nodes behind them, under a virtual clock, and a store that survives. */
export class FleetCase {
  readonly clock = new VirtualClock(Date.UTC(2026, 0, 5));
  readonly machines = new Map<string, Machine>();
  readonly delivered: Delivered[] = [];
  /** Of each epoch row, where its PoC starts. */
  readonly pocStartHeights = new Map<string, number>();
  readonly width: number;
  /** Every PoC call that a machine got. */
  readonly calls: { readonly leaseId: string; readonly call: string; readonly body: string | undefined }[] =
    [];
  /** Replaces what becomes of a call to a machine. */
  mishap: (leaseId: string, call: PowCall) => 'none' | 'refused' | 'silent' | 'lost' = () => 'none';
  readonly #path = join(temporaryDir(), 'store.sqlite');
  #store!: SqliteStore;
  #runtime!: Runtime;
  #readyAt = 0;
  desk!: ServiceDesk;
  post!: CallbackPost;

  constructor(width: number) {
    this.width = width;
    this.#boot();
    onTestFinished(() => this.#crash());
    onTestFinished(() => {
      for (const { world } of this.machines.values()) world.close();
    });
  }

  get runtime(): Runtime {
    return this.#runtime;
  }

  get alerts(): readonly string[] {
    return this.#runtime.alerts().map(({ message }) => message);
  }

  get state(): string {
    const { state, pow } = this.desk.view();
    return pow === null ? state : `${state} ${pow.status}`;
  }

  /** `A working 3/21`, one a machine of the running PoC. */
  get crew(): readonly string[] {
    return (
      this.desk
        .context()
        .pow?.machines.map((one) => `${one.leaseId} ${one.standing} ${one.nodeId}/${one.nodeCount}`) ?? []
    );
  }

  /** A machine becomes ready. */
  ready(leaseId: string, noncesPerMinutePerGroup = 60): Machine {
    const callbackPort = 20_000 + this.machines.size;
    const world = new MlnodeWorld({
      clock: this.clock,
      random: new Random(this.machines.size + 1),
      gpus: [{ name: 'H100 80GB HBM3', ramMb: 81_559 }],
      modelLoadMs: 20_000,
      noncesPerMinutePerGroup,
      post: async (call) => {
        if (!this.machines.get(leaseId)?.isOpen) throw new Error('the tunnel is away');
        return this.post.receiver(leaseId)({
          method: call.method,
          path: rawPath(call.url),
          headers: call.headers,
          body: Buffer.from(call.body),
        });
      },
    });
    const state = { owner: 'epoch:1', isHeld: true, isOpen: true };
    const machine = { world, callbackPort, ...state, readyAt: (this.#readyAt += 1) };
    this.machines.set(leaseId, machine);
    return machine;
  }

  /** The machine is gone for good, and its lease says so. */
  async lose(leaseId: string): Promise<void> {
    const machine = this.machines.get(leaseId)!;
    machine.isHeld = machine.isOpen = false;
    machine.world.close();
    this.#runtime.send(serviceRow, { type: 'MACHINE.LOST', leaseId });
    await this.clock.advanceBy(0);
  }

  /** As the Network Node starts PoC: a stop, then the init. */
  async call(call: PowCall, body = initBody()): Promise<PowReply> {
    if (this.state === 'INFERENCE') await this.stop();
    const reply = this.desk.pow(call, body);
    await this.clock.advanceBy(0);
    return reply;
  }

  async stop(): Promise<void> {
    await this.desk.stop();
    await this.clock.advanceBy(60_000);
  }

  /** The daemon dies and comes back. */
  async restart(): Promise<void> {
    await this.#crash();
    this.#boot();
    await this.clock.advanceBy(0);
  }

  /** A batch was kept, and the daemon died before it asked a machine. */
  keepBatch(publicKey: string): void {
    const body = batchBody(publicKey);
    const { nonces, block_hash: blockHash } = JSON.parse(body) as { nonces: number[]; block_hash: string };
    const digest = batchDigest({ publicKey, nonces });
    createSqliteValidationBatches(this.#store.database).put({ digest, blockHash, body });
  }

  /** Nonces that the Network Node got, with repetitions. */
  get nonces(): readonly number[] {
    return this.delivered.flatMap(({ kind, body }) => (kind === 'generated' ? body.nonces : []));
  }

  verdictsOf(publicKey: string): number {
    return this.delivered.filter(({ kind, body }) => kind === 'validated' && body.public_key === publicKey)
      .length;
  }

  callsTo(leaseId: string): readonly string[] {
    return this.calls.flatMap((one) => (one.leaseId === leaseId ? [one.call] : []));
  }

  #boot(): void {
    this.#store = openSqliteStore(this.#path);
    this.#runtime = createRuntime({
      store: this.#store,
      clock: this.clock,
      charts: { service: charts.service },
      effects: { service: {} },
      report: { parked: () => undefined, late: () => undefined },
    });
    this.#runtime.start();
    this.#runtime.open('service', serviceRow, {});
    const rows = withHeldLeases(this.#runtime, this.machines, this.pocStartHeights);
    this.desk = createServiceDesk({
      rows,
      room: this.#room(),
      clock: this.clock,
      log: silent,
      expectedModel: 'm',
      callbackUrl: undefined,
      fleetWidth: this.width,
      batches: createSqliteValidationBatches(this.#store.database),
      nonces: () =>
        new Map(this.post.books().map((one) => [one.leaseId, one.deliveredNonces + one.queuedNonces])),
      isInferenceHealthy: () => true,
    });
    this.post = createCallbackPost({
      rows,
      desk: this.desk,
      clock: this.clock,
      log: silent,
      outbox: createSqliteOutbox(this.#store.database),
      networkNode: this.#networkNode(),
      follower: { head: () => undefined },
    });
    this.desk.start();
    this.post.deliverer.wake();
  }

  async #crash(): Promise<void> {
    this.desk.close();
    await this.post.deliverer.stop(0);
    await this.#runtime.stop();
    this.#store.close();
  }

  #networkNode(): NetworkNode {
    const taking: Pick<NetworkNode, 'deliver'> = {
      deliver: async ({ url, body }) => {
        const kind = url.endsWith('/generated') ? 'generated' : 'validated';
        this.delivered.push({ kind, body: JSON.parse(body.toString()) as Delivered['body'] });
      },
    };
    return taking as NetworkNode;
  }

  #room(): MachineRoom {
    const openMachine = (leaseId: string): Machine => {
      const machine = this.machines.get(leaseId);
      if (!machine?.isOpen) throw new HybridError({ code: 'SSH_LOST', message: `no tunnel to ${leaseId}` });
      return machine;
    };
    return {
      isOpen: (leaseId: string) => this.machines.get(leaseId)?.isOpen === true,
      mlnode: (leaseId: string) => {
        const { world } = openMachine(leaseId);
        const transport = createWorldTransport({ neighbour: world, clock: this.clock });
        const mlnode = createHttpMlnode({ baseUrl: 'http://127.0.0.1:18080', transport });
        return {
          ...mlnode,
          pow: async (call: PowCall, body: string | undefined, signal: AbortSignal) => {
            this.calls.push({ leaseId, call, body });
            const mishap = this.mishap(leaseId, call);
            if (mishap === 'refused') return { status: 500, body: 'Internal Server Error' };
            if (mishap === 'silent')
              return new Promise<never>((_, reject) =>
                signal.addEventListener('abort', () => reject(signal.reason as Error)),
              );
            const answer = await mlnode.pow(call, body, signal);
            if (mishap === 'lost') throw new HybridError({ code: 'WIRE_BROKEN', message: 'it broke' });
            return answer;
          },
        };
      },
    } as unknown as MachineRoom;
  }
}
