import type { AddressInfo } from 'node:net';
import { pino } from 'pino';
import type { JournalEntry } from '../../../src/runtime/interface.ts';
import type { Secret } from '../../../src/secret.ts';
import type { AccessConfig } from '../../../src/config/config.ts';
import { createInspection } from '../../../src/server/inspection/inspection.ts';
import { HybridError } from '../../../src/errors.ts';
import type { OperatorOrders } from '../../../src/server/inspection/orders-route.ts';
import type { Listener } from '../../../src/server/openapi/operation.ts';
import { microUsd, unixMs } from '../../../src/units.ts';
import { gatewayCase } from '../gateway-case.ts';
import { sampleBooks, sampleDaemon, samplePage } from '../inspection/sample-books.ts';
import { ObedientDesk } from '../obedient-desk.ts';

/** One listening listener, with what stands behind it in a test's hands. */
export async function servedCase(
  listener: Listener,
  guards: { readonly access?: AccessConfig; readonly token?: Secret } = {},
) {
  const desk = new ObedientDesk();
  desk.isMoody = true;
  if (listener === 'inspection') {
    const app = inspection(guards.token);
    await app.listen({ port: 0, host: '127.0.0.1' });
    const { port } = app.server.address() as AddressInfo;
    return { app, port, desk, gateway: undefined };
  }
  const { access } = guards;
  const gateway = await gatewayCase({ desk, surface: listener, ...(access === undefined ? {} : { access }) });
  return { app: gateway.app, port: gateway.port, desk, gateway };
}
export type ServedCase = Awaited<ReturnType<typeof servedCase>>;

const at = unixMs(1_760_000_000_000);
const journal: readonly JournalEntry[] = [1, 2, 3].map((seq) => ({
  seq,
  rowId: 'epoch-135',
  chart: 'epoch',
  at,
  event: { type: 'CHAIN.HEAD', height: 2_089_140 },
  value: 'idle',
}));

/** Every list with one entry, so that an answer says something about each. */
const inspection = (token: Secret | undefined) =>
  createInspection({
    runtime: {
      rows: () => [
        {
          id: 'lease-1',
          chart: 'lease',
          value: { held: 'ready' },
          context: { tries: 1 },
          status: 'active',
          updatedAt: at,
          openIntents: ['lease-1:4:watch'],
        },
      ],
      leases: () => [
        {
          rowId: 'lease-1',
          label: 'ghm:one:two:1',
          instanceId: 7,
          reserved: microUsd(2_000_000),
          settled: null,
          openedAt: at,
        },
      ],
      alerts: () => [
        { rowId: 'lease-1', key: 'lost', code: 'MLNODE_UNREACHABLE', message: 'gone', since: at },
      ],
      journalSince: (seq, limit) => journal.filter((entry) => entry.seq > seq).slice(0, limit),
      onStep: () => () => undefined,
    },
    extra: () => ({
      daemon: sampleDaemon,
      chain: { height: 7 },
      plan: null,
      money: {},
      relay: {},
      upstream: {},
      service: {},
    }),
    diagram: (rowId) => (rowId === 'lease-1' ? 'stateDiagram-v2' : undefined),
    books: sampleBooks(journal),
    orders: moodyOrders(),
    page: samplePage,
    log: pino({ level: 'silent' }),
    ...(token === undefined ? {} : { token }),
  });

/** Every second order cannot be done now. */
function moodyOrders(): OperatorOrders {
  let taken = 0;
  const sometimes = <Answer>(answer: Answer): Answer => {
    taken += 1;
    if (taken % 2 === 0) throw new HybridError({ code: 'ORDER_REFUSED', message: 'not now' });
    return answer;
  };
  return {
    release: () => sometimes({ asked: [{ leaseId: 'lease-1', instanceId: 7 }] }),
    rent: () =>
      sometimes({ epochIndex: 9, mode: 'sprint', rentHeight: 1, pocStartHeight: 2, holdUntilHeight: 3 }),
  };
}
