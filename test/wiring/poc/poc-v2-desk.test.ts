import { afterEach, describe, expect, test } from 'vitest';
import type { LeaseContext } from '../../../src/machines/lease-context.ts';
import type { ServiceContext } from '../../../src/machines/service.ts';
import { createRuntime } from '../../../src/runtime/durable-runtime.ts';
import type { Runtime } from '../../../src/runtime/interface.ts';
import { createMemoryStore } from '../../../src/runtime/memory-store.ts';
import { settle, VirtualClock } from '../../../src/runtime/virtual-clock.ts';
import { charts } from '../../../src/wiring/daemon.ts';
import { MachineAnswers } from '../../../src/wiring/poc/machine-answers.ts';
import type { MachineRoom } from '../../../src/wiring/machine/machine-room.ts';
import { createPocV2Desk } from '../../../src/wiring/poc/poc-v2-desk.ts';
import { serviceRow } from '../../../src/wiring/row-names.ts';
import { ScriptedMlnode } from '../../support/scripted-mlnode.ts';
import { silent } from '../small-town.ts';

const model = 'MiniMaxAI/MiniMax-M2.7';
const url = 'http://api:9100/v2/poc-batches/MiniMaxAI%252FMiniMax-M2.7';
const initBody = `{"block_hash":"AB", "block_height":1000,"public_key":"02ff","node_id":1,"node_count":2,"params":{"model":"${model}","seq_len":1024},"url":"${url}","poc_stronger_rng":true}`;
const jobBody = JSON.stringify({
  ...(JSON.parse(initBody) as object),
  public_key: '03aa',
  nonces: [3, 17],
  validation: { artifacts: [{ nonce: 3, vector_b64: 'AA==' }] },
});
const started = {
  status: 200,
  body: '{"status":"OK","backends":1,"n_groups":1,"results":[{"port":5001,"status":"OK"}],"errors":null}',
};
const alreadyGenerating = {
  status: 502,
  body: '{"detail":{"errors":[{"port":5001,"error":"Already generating"}]}}',
};

const open: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of open.splice(0)) await close();
});

function rig() {
  const clock = new VirtualClock(1_000_000);
  const store = createMemoryStore();
  const runtime = createRuntime({
    store,
    clock,
    charts: { service: charts.service },
    effects: { service: {} },
    report: { parked: () => undefined, late: () => undefined },
  });
  runtime.start();
  runtime.open('service', serviceRow, {});
  const machine = new ScriptedMlnode();
  const held = { isHeld: true, isOpen: true };
  const context = { leaseId: 'A', callbackPort: 20_100, readyAt: 1, model } as unknown as LeaseContext;
  const lease = { id: 'lease:A', chart: 'lease', value: { held: 'ready' }, context };
  const rows = {
    row: (id: string) => runtime.row(id),
    rows: () => (held.isHeld ? [lease] : []),
    send: (id: string, event: { type: string }) => runtime.send(id, event),
  } as unknown as Runtime;
  const answers = new MachineAnswers();
  const room = {
    answers,
    isOpen: () => held.isOpen,
    mlnode: () => machine.mlnode,
  } as unknown as MachineRoom;
  const desk = createPocV2Desk({ rows, room, clock, log: silent, callbackUrl: undefined });
  open.push(async () => {
    desk.close();
    await runtime.stop();
    store.close();
  });
  const service = (): ServiceContext => runtime.row(serviceRow)?.context as ServiceContext;
  const phase = (): unknown => runtime.row(serviceRow)?.value;
  return { clock, machine, held, desk, service, phase, runtime, answers };
}

describe('the desk of PoC v2', () => {
  test('relays an init with nothing but its url changed, and says GENERATING once it was taken', async () => {
    const { desk, machine, service, phase } = rig();
    machine.answers = { 'init/generate': [started] };
    expect(await desk.call('init/generate', initBody)).toEqual(started);
    expect(machine.bodies).toEqual([initBody.replace('http://api:9100', 'http://127.0.0.1:20100')]);
    expect(phase()).toEqual({ inference: 'generating' });
    expect(service().pocV2).toMatchObject({
      leaseId: 'A',
      blockHeight: 1_000,
      callbackOrigin: 'http://api:9100',
      callbackPath: '/v2/poc-batches/MiniMaxAI%252FMiniMax-M2.7',
    });
    expect(desk.view()).toMatchObject({
      status: 'GENERATING',
      backEnds: [{ port: 5001, status: 'GENERATING', config: { block_height: 1_000, node_id: 1 } }],
    });
  });

  test.each([
    ['no machine is held', (r: ReturnType<typeof rig>) => (r.held.isHeld = false)],
    ['its tunnel is lost', (r: ReturnType<typeof rig>) => (r.held.isOpen = false)],
    ['it does not answer', (r: ReturnType<typeof rig>) => (r.machine.isAway = true)],
  ])('answers 503 in JSON and acknowledges nothing when %s', async (_name, spoil) => {
    const r = rig();
    spoil(r);
    for (const [call, body] of [
      ['init/generate', initBody],
      ['generate', jobBody],
    ] as const) {
      const answer = await r.desk.call(call, body);
      expect(answer.status).toBe(503);
      expect(JSON.parse(answer.body)).toEqual({ detail: 'No vLLM backends available' });
    }
    expect(r.phase()).toEqual({ inference: 'idle' });
    expect(r.service().pocV2Jobs).toEqual([]);
  });

  test('begins between two answers of the machine, and waits ten seconds for one at most', async () => {
    const { desk, machine, clock, answers } = rig();
    machine.answers = { 'init/generate': [started, started] };
    const over = answers.begin();
    const first = desk.call('init/generate', initBody);
    await settle();
    expect([machine.calls, answers.isHeldBack]).toEqual([[], true]);
    over();
    expect(await first).toEqual(started);
    expect(answers.isHeldBack).toBe(false);
    answers.begin();
    const second = desk.call('init/generate', initBody);
    await clock.advanceBy(9_999);
    const inits = (): number => machine.calls.filter((call) => call === 'init/generate').length;
    expect(inits()).toBe(1);
    await clock.advanceBy(1);
    await second;
    expect(inits()).toBe(2);
    expect(answers.isHeldBack).toBe(false);
  });

  test('answers 503 while the node is stopped, whatever machine there is', async () => {
    const { desk, machine, runtime } = rig();
    runtime.send(serviceRow, { type: 'NODE.STOPPED' });
    expect((await desk.call('init/generate', initBody)).status).toBe(503);
    expect([machine.calls, desk.view()]).toEqual([[], undefined]);
  });

  test('passes the machine’s refusal on, and stays idle', async () => {
    const { desk, machine, phase } = rig();
    const refusal = { status: 409, body: '{"detail":{"error":"params mismatch"}}' };
    machine.answers = { 'init/generate': [refusal] };
    expect(await desk.call('init/generate', initBody)).toEqual(refusal);
    expect(phase()).toEqual({ inference: 'idle' });
  });

  test('takes "already generating" for success when it is this very init', async () => {
    const { desk, machine, phase } = rig();
    machine.answers = { 'init/generate': [alreadyGenerating] };
    const config = { blockHash: 'AB', blockHeight: 1_000, publicKey: '02ff', nodeId: 1, nodeCount: 2 };
    machine.status = {
      status: 'GENERATING',
      backEnds: [{ port: 5001, status: 'GENERATING', config, told: { port: 5001, status: 'GENERATING' } }],
    };
    const answer = await desk.call('init/generate', initBody);
    expect([answer.status, JSON.parse(answer.body)]).toMatchObject([200, { status: 'OK', backends: 1 }]);
    expect(machine.calls.slice(0, 2)).toEqual(['init/generate', 'status']);
    expect(phase()).toEqual({ inference: 'generating' });
  });

  test('ends a generation that nobody wants any more, and asks once again', async () => {
    const { desk, machine, phase } = rig();
    machine.answers = { 'init/generate': [alreadyGenerating, started] };
    const config = { blockHash: 'OLD', blockHeight: 900, publicKey: '02ff', nodeId: 1, nodeCount: 2 };
    machine.status = {
      status: 'GENERATING',
      backEnds: [{ port: 5001, status: 'GENERATING', config, told: { port: 5001, status: 'GENERATING' } }],
    };
    expect((await desk.call('init/generate', initBody)).status).toBe(200);
    expect(machine.calls.slice(0, 4)).toEqual(['init/generate', 'status', 'stop', 'init/generate']);
    expect(phase()).toEqual({ inference: 'generating' });
  });

  test('answers polls from memory while the machine never answers', async () => {
    const { desk, machine } = rig();
    machine.answers = { 'init/generate': [started] };
    await desk.call('init/generate', initBody);
    machine.hangs = true;
    const begun = performance.now();
    for (let poll = 0; poll < 100; poll += 1) {
      desk.polled();
      expect(desk.view()?.status).toBe('GENERATING');
    }
    expect(performance.now() - begun).toBeLessThan(50);
  });

  test('goes on saying GENERATING while the tunnel is on its way back', async () => {
    const { desk, machine, held } = rig();
    machine.answers = { 'init/generate': [started] };
    await desk.call('init/generate', initBody);
    held.isOpen = false;
    expect(desk.view()?.status).toBe('GENERATING');
    expect((await desk.call('stop', '{}')).status).toBe(503);
    expect(desk.view()?.status).toBe('GENERATING');
  });

  test('believes a machine that says twice that it fell idle', async () => {
    const { desk, machine, clock, phase } = rig();
    machine.answers = { 'init/generate': [started] };
    await desk.call('init/generate', initBody);
    await clock.advanceBy(5_000);
    expect(phase()).toEqual({ inference: 'generating' });
    await clock.advanceBy(5_000);
    expect(phase()).toEqual({ inference: 'idle' });
  });

  test('knows a validation before it is posted, and forgets one that is refused', async () => {
    const { desk, machine, service, phase } = rig();
    expect((await desk.call('generate', jobBody)).status).toBe(200);
    expect(machine.bodies[0]).toContain('http://127.0.0.1:20100/v2/poc-batches/MiniMaxAI%252FMiniMax-M2.7');
    expect(service().pocV2Jobs).toMatchObject([{ publicKey: '03aa', nonceCount: 2, isAnswered: false }]);
    expect(phase()).toEqual({ inference: 'validating' });
    machine.answers = { generate: [{ status: 429, body: '{"detail":"too many"}' }] };
    expect((await desk.call('generate', jobBody.replace('03aa', '04bb'))).status).toBe(429);
    expect(service().pocV2Jobs).toHaveLength(1);
  });

  test('lets no callback be sent for a computation that nobody validates by', async () => {
    const { desk, machine, service } = rig();
    await desk.call('generate', JSON.stringify({ ...(JSON.parse(jobBody) as object), wait: true }));
    expect(JSON.parse(machine.bodies[0] ?? '')).toMatchObject({ url: null, wait: true });
    expect(service().pocV2Jobs).toEqual([]);
  });

  test('keeps the order of a stop that is still on its way and what comes after it', async () => {
    const { desk, machine } = rig();
    machine.answers = { 'init/generate': [started] };
    await Promise.all([
      desk.call('init/generate', initBody),
      desk.call('stop', '{}'),
      desk.call('generate', jobBody),
    ]);
    expect(machine.calls.filter((call) => call !== 'status')).toEqual(['init/generate', 'stop', 'generate']);
  });

  test('ends the machine’s work, not its model, when the node is stopped', async () => {
    const { desk, machine } = rig();
    machine.answers = { 'init/generate': [started] };
    await desk.call('init/generate', initBody);
    desk.stopWork();
    await settle();
    expect(machine.calls).toContain('stop');
    expect(machine.bodies.at(-1)).toBe('{}');
  });

  test('has nothing to stop and no result without a machine', async () => {
    const { desk, held } = rig();
    held.isHeld = false;
    expect((await desk.call('stop', '{}')).body).toBe('{"status":"OK","message":"No backends to stop"}');
    expect((await desk.result('5001:x')).status).toBe(404);
  });
});
