import { createHttpMlnode } from '../../src/adapters/mlnode/index.ts';
import { createNetworkNode } from '../../src/adapters/network-node/index.ts';
import { createWorldTransport, rawPath } from '../../src/adapters/world-transport.ts';
import type { LeaseContext } from '../../src/machines/lease-context.ts';
import { createRuntime } from '../../src/runtime/durable-runtime.ts';
import type { Runtime, RowView } from '../../src/runtime/interface.ts';
import { openSqliteStore } from '../../src/runtime/sqlite-store.ts';
import { createSystemClock } from '../../src/runtime/system-clock.ts';
import { ScaledClock } from '../../src/sandbox/scaled-clock.ts';
import { unixMs } from '../../src/units.ts';
import { createCallbackPost } from '../../src/wiring/poc/callback-post.ts';
import { charts } from '../../src/wiring/daemon.ts';
import { MachineAnswers } from '../../src/wiring/poc/machine-answers.ts';
import type { MachineRoom } from '../../src/wiring/machine/machine-room.ts';
import { createNodeDesk } from '../../src/wiring/poc/node-desk.ts';
import { createPocV2Desk } from '../../src/wiring/poc/poc-v2-desk.ts';
import { serviceRow } from '../../src/wiring/row-names.ts';
import { createServiceDesk } from '../../src/wiring/poc/service-desk.ts';
import { MlnodeWorld } from '../../src/world/machine/mlnode.ts';
import { Random } from '../../src/world/random.ts';
import { gatewayCase, model } from '../server/gateway-case.ts';
import { answers, completion } from '../server/scripted-upstream.ts';
import { MemoryOutbox } from '../support/memory-outbox.ts';
import { silent } from '../wiring/small-town.ts';
import { gpus, quick } from './newest-mlnode.ts';

const speed = 1_000;
const leaseId = 'lease-1';
const callbackPort = 19_100;

/** The first image with everything of PoC v2. */
const pocV2Image = 'ghcr.io/gonka-ai/mlnode:3.0.14-post2';

/**
 * Our gateway with a machine behind it: the daemon's own desk and relay, the world's ML node, and no SSH between. With
 * `v2` the machine serves the model.
 */
export async function gatewayWithMachine(generation: 'v1' | 'v2' = 'v1') {
  const originMs = Date.now();
  const clock = createSystemClock({ scale: speed, originMs: unixMs(originMs) });
  const worldClock = new ScaledClock({ originMs, speed });
  const store = openSqliteStore(':memory:');
  const runtime = createRuntime({
    store,
    clock,
    charts: { service: charts.service },
    effects: { service: {} },
    report: { parked: () => undefined, late: () => undefined },
  });
  runtime.start();
  runtime.open('service', serviceRow, {});
  const rows = withLease(runtime, generation === 'v2' ? model : null);

  const world = new MlnodeWorld({
    ...quick,
    ...(generation === 'v2' ? { image: pocV2Image } : {}),
    clock: worldClock,
    random: new Random(7),
    gpus,
    post: async (call) =>
      post.receiver(leaseId)({
        method: call.method,
        path: rawPath(call.url),
        headers: call.headers,
        body: Buffer.from(call.body),
      }),
  });
  const transport = createWorldTransport({ neighbour: world });
  const room = {
    answers: new MachineAnswers(),
    isOpen: () => true,
    mlnode: () => createHttpMlnode({ baseUrl: 'http://127.0.0.1:18080', transport }),
  } as unknown as MachineRoom;
  const service = createServiceDesk({
    rows,
    room,
    clock,
    log: silent,
    expectedModel: model,
    callbackUrl: undefined,
    isInferenceHealthy: () => true,
  });
  const pocV2 = createPocV2Desk({ rows, room, clock, log: silent, callbackUrl: undefined });
  const desk = createNodeDesk({ rows, service, pocV2, callbackUrl: undefined });
  const post = createCallbackPost({
    rows,
    desk,
    clock,
    log: silent,
    outbox: new MemoryOutbox(),
    networkNode: createNetworkNode({ adminUrl: 'http://127.0.0.1:9' }),
    follower: { head: () => undefined },
  });
  if (generation === 'v2') await loaded(world);
  const gateway = await gatewayCase({ desk });
  gateway.upstream.scripts = [answers(200, completion())];
  return {
    url: gateway.origin,
    foreignCallbacks: () => post.foreignCount(),
    close: async () => {
      await gateway.app.close();
      desk.close();
      world.close();
      await post.deliverer.stop(1_000);
      await runtime.stop();
      store.close();
    },
  };
}

async function loaded(world: MlnodeWorld): Promise<void> {
  const body = JSON.stringify({ model, dtype: 'auto', additional_args: [] });
  const headers = { 'content-type': 'application/json' };
  await world.handle({ method: 'POST', path: '/api/v1/inference/up', headers, body });
}

/** The rows, and a lease among them whose machine is held. */
function withLease(runtime: Runtime, served: string | null): Runtime {
  const lease = {
    id: `lease:${leaseId}`,
    chart: 'lease',
    value: { held: 'ready' },
    context: {
      leaseId,
      owner: 'epoch:1',
      callbackPort,
      readyAt: 1,
      model: served,
    } as unknown as LeaseContext,
    status: 'active',
    updatedAt: unixMs(1),
    openIntents: [],
  } as const satisfies RowView;
  return {
    start: () => runtime.start(),
    open: (chart, id, input) => runtime.open(chart, id, input),
    send: (rowId, event) => runtime.send(rowId, event),
    heightReached: (height) => runtime.heightReached(height),
    row: (rowId) => runtime.row(rowId),
    rows: (options) => (options?.chart === 'lease' ? [lease] : runtime.rows(options)),
    leases: () => runtime.leases(),
    alerts: () => runtime.alerts(),
    journalSince: (seq, limit) => runtime.journalSince(seq, limit),
    onStep: (listener) => runtime.onStep(listener),
    stop: () => runtime.stop(),
  };
}
