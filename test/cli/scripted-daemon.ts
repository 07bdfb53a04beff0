import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type {
  EpochStory,
  EpochsPage,
  LeaseSummary,
  LeasesPage,
} from '../../src/server/inspection/book-answers.ts';

export const at = 1_760_000_000_000;
export const lease: LeaseSummary = {
  leaseId: '01K7A0000000000000000LEASE',
  state: 'held.ready',
  status: 'active',
  owner: 'epoch:135',
  label: 'ghm:one:01K7A0000000000000000LEASE:1',
  instanceId: 31_415_926,
  machineId: 271,
  gpuName: 'RTX 4090',
  gpuCount: 2,
  priceMicroUsdPerHour: 610_000,
  openedAt: at,
  runningAt: at + 60_000,
  readyAt: at + 90_000,
  endedAt: null,
  ttlUntil: null,
  reason: null,
  fault: null,
  reservedMicroUsd: 900_000,
  settledMicroUsd: null,
  meteredMicroUsd: 12_345,
};
const epoch: EpochsPage['epochs'][number] = {
  rowId: 'epoch:135',
  epochIndex: 135,
  state: 'settled',
  status: 'done',
  outcome: 'completed',
  plan: null,
  work: { noncesDelivered: 76, validationsDelivered: 8 },
  rentals: 1,
  failures: 0,
  fault: null,
  leaseIds: [lease.leaseId],
  spentMicroUsd: 402_200,
  reservedMicroUsd: 0,
  costPerThousandNoncesMicroUsd: 5_292_105,
  updatedAt: at,
};
const step = (seq: number, value: unknown, event: { type: string } = { type: 'HEIGHT.RENT' }) => ({
  seq,
  rowId: 'epoch:135',
  chart: 'epoch',
  at: at + seq,
  event,
  value,
});

/** The inspection API of a daemon, with what it was ordered. */
export class ScriptedDaemon {
  leases: LeaseSummary[] = [lease];
  readonly orders: { path: string; body: unknown }[] = [];
  streams = 0;
  onOrder: () => { status: number; answer: object } = () => ({ status: 202, answer: {} });
  readonly #server: Server = createServer((request, reply) => void this.#answer(request, reply));
  async listen(): Promise<string> {
    await new Promise<void>((resolve) => {
      this.#server.listen(0, '127.0.0.1', resolve);
    });
    return String((this.#server.address() as AddressInfo).port);
  }
  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  async #answer(request: IncomingMessage, reply: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://daemon');
    const json = (value: object, status = 200): void => {
      reply.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
    };
    if (request.method === 'POST') {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      this.orders.push({ path: url.pathname, body: JSON.parse(Buffer.concat(chunks).toString()) });
      const { status, answer } = this.onOrder();
      return json(answer, status);
    }
    const page: EpochsPage = { epochs: [epoch], nextBefore: null };
    const leases: LeasesPage = { leases: this.leases, nextBefore: null };
    const journal = [step(3, 'approaching'), step(4, { renting: 'choosing' })];
    const story: EpochStory = { epoch, leases: [lease], journal, isJournalCut: false };
    if (url.pathname === '/v1/epochs') return json(page);
    if (url.pathname === '/v1/epochs/135') return json(story);
    if (url.pathname.startsWith('/v1/epochs/')) return json({ error: 'no such epoch' }, 404);
    if (url.pathname === '/v1/leases') return json(leases);
    if (url.pathname === '/v1/journal') return json({ entries: journal, nextBefore: null });
    if (url.pathname === '/v1/events') return this.#stream(url, reply);
    if (url.pathname === '/v1/state') return json(state);
    return json({ error: 'not found' }, 404);
  }

  /** One step a connection, which then breaks off as in a restart. */
  #stream(url: URL, reply: ServerResponse): void {
    const seq = Number(url.searchParams.get('after')) + 1;
    this.streams += 1;
    const value = this.streams === 1 ? 'booting' : 'ready';
    reply.writeHead(200, { 'content-type': 'text/event-stream' });
    reply.write(`: journal\n\nid: ${seq}\nevent: step\ndata: ${JSON.stringify(step(seq, value))}\n\n`);
    setTimeout(() => reply.destroy(), 50);
  }
}

const state = {
  service: { state: 'INFERENCE', isInferenceHealthy: true },
  upstream: { name: 'hyperbolic', model: 'org/model' },
  chain: { standing: 'following', height: 2_089_000, phase: 'Inference', blockTimeMs: 5_350 },
  plan: { steps: [{ epochIndex: 136, what: 'a machine is rented', height: 2_089_120, blocksLeft: 120 }] },
  machines: [
    {
      id: `lease:${lease.leaseId}`,
      chart: 'lease',
      status: 'active',
      value: { held: 'ready' },
      context: {
        leaseId: lease.leaseId,
        instanceId: 7,
        offer: { gpuName: 'RTX 4090', gpuCount: 2, price: 610_000 },
      },
    },
  ],
  money: { spentAndReservedTodayMicroUsd: 1_200_000, dailyCapMicroUsd: 2_000_000 },
  relay: { queued: 3, foreign: 1 },
  alerts: [{ code: 'VAST_NO_CREDIT', message: 'the account is empty' }],
};
