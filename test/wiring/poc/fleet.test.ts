import { describe, expect, it } from 'vitest';
import { isInClass } from '../../../src/policy/nonce-partition.ts';
import { assigned, FleetCase, initBody } from './fleet-case.ts';
import { generating, minute } from './generating-fleet.ts';

/** Nonces that came more than once. */
const duplicates = (fleet: FleetCase): number => fleet.nonces.length - new Set(fleet.nonces).size;

function expectOwnClass(fleet: FleetCase): void {
  expect(fleet.nonces.filter((nonce) => !isInClass(nonce, assigned))).toEqual([]);
  for (const { kind, body } of fleet.delivered)
    if (kind === 'generated') expect(body.node_id).toBe(assigned.nodeId);
}

describe('one PoC on three machines', () => {
  it('gives each its own share, and the Network Node every nonce once under its own number', async () => {
    const fleet = await generating(3);
    expect(fleet.crew).toEqual(['A working 3/21', 'B working 10/21', 'C working 17/21']);
    expect([duplicates(fleet), fleet.post.foreignCount()]).toEqual([0, 0]);
    expectOwnClass(fleet);
    const books = fleet.post.books();
    expect(books.map(({ leaseId }) => leaseId)).toEqual(['A', 'B', 'C']);
    for (const { deliveredNonces } of books) expect(deliveredNonces).toBeGreaterThan(20);
    expect(books.reduce((sum, one) => sum + one.deliveredNonces, 0)).toBe(fleet.nonces.length);
  });

  it('changes the phase of each with the body that it has, so that no model is loaded twice', async () => {
    const fleet = await generating(3);
    await fleet.call('init/validate');
    expect(fleet.state).toBe('POW VALIDATING');
    for (const leaseId of ['A', 'B', 'C']) {
      const bodies = fleet.calls.flatMap((one) => (one.leaseId === leaseId ? [one.body] : []));
      expect(new Set(bodies).size).toBe(1);
      expect(fleet.machines.get(leaseId)!.world.books()).toMatchObject({ pocs: [{ modelLoads: 1 }] });
    }
  });

  it('leaves the body alone but for the url and the two numbers', async () => {
    const fleet = new FleetCase(2);
    fleet.ready('A');
    fleet.ready('B');
    const body = initBody().replace('1e-7', '1E-07 ').replace('{', '{ "x": "\\u00e9",  ');
    await fleet.call('init/generate', body);
    const [a, b] = fleet.calls.map((one) => one.body);
    expect(a).toBe(
      body
        .replace('http://api.world:9100', 'http://127.0.0.1:20000')
        .replace('"node_count":7', '"node_count":14'),
    );
    expect(b).toBe(
      body
        .replace('http://api.world:9100', 'http://127.0.0.1:20001')
        .replace('"node_id":3', '"node_id":10')
        .replace('"node_count":7', '"node_count":14'),
    );
  });

  it('is the business of those that are ready: with one it is as the Network Node said', async () => {
    const fleet = await generating(3, 1);
    expect(fleet.crew).toEqual(['A working 3/7']);
    expect(fleet.calls[0]?.body).toBe(initBody().replace('http://api.world:9100', 'http://127.0.0.1:20000'));
  });

  it('takes no more machines than the width allows', async () => {
    const fleet = await generating(2, 3);
    expect(fleet.crew).toEqual(['A working 3/14', 'B working 10/14']);
    expect(fleet.callsTo('C')).toEqual([]);
  });
});

describe('a machine that does not take its share', () => {
  it('leaves it undone and is alerted, and helps to validate', async () => {
    const fleet = new FleetCase(3);
    for (const leaseId of ['A', 'B', 'C']) fleet.ready(leaseId);
    fleet.mishap = (leaseId, call) => (leaseId === 'B' && call === 'init/generate' ? 'refused' : 'none');
    expect(await fleet.call('init/generate')).toMatchObject({ kind: 'answer' });
    await fleet.clock.advanceBy(2 * minute);
    expect(fleet.crew).toEqual(['A working 3/21', 'B refused 10/21', 'C working 17/21']);
    expect(fleet.alerts).toEqual([expect.stringMatching(/lease B .*2 others do.*stays undone/)]);
    expect(fleet.nonces.filter((nonce) => nonce % 21 === 10)).toEqual([]);
    expect(duplicates(fleet)).toBe(0);
    await fleet.call('init/validate');
    expect(fleet.crew).toEqual(['A working 3/21', 'B working 10/21', 'C working 17/21']);
    expect(fleet.alerts).toEqual([]);
  });

  it('does not keep the Network Node waiting when another took its own', async () => {
    const fleet = new FleetCase(2);
    fleet.ready('A');
    fleet.ready('B');
    fleet.mishap = (leaseId) => (leaseId === 'A' ? 'silent' : 'none');
    expect(await fleet.call('init/generate')).toMatchObject({ kind: 'answer', status: 200 });
    expect([fleet.state, ...fleet.crew]).toEqual(['POW GENERATING', 'A asked 3/14', 'B working 10/14']);
  });

  it('is unanswered for the Network Node when no other took its own (I8)', async () => {
    const fleet = new FleetCase(2);
    fleet.ready('A');
    fleet.ready('B');
    fleet.mishap = () => 'refused';
    await fleet.stop();
    expect(await fleet.call('init/generate')).toEqual({ kind: 'silence' });
    expect([fleet.state, fleet.crew]).toEqual(['STOPPED', []]);
  });

  it('is asked again for the same share when its answer was lost, and its nonces count', async () => {
    const fleet = new FleetCase(2);
    fleet.ready('A');
    fleet.ready('B');
    let isLost = true;
    fleet.mishap = (leaseId) => (leaseId === 'B' && isLost ? 'lost' : 'none');
    await fleet.call('init/generate');
    expect(fleet.crew).toEqual(['A working 3/14', 'B asked 10/14']);
    isLost = false;
    await fleet.clock.advanceBy(2 * minute);
    expect(fleet.crew).toEqual(['A working 3/14', 'B working 10/14']);
    expect(fleet.alerts).toEqual([]);
    expect(fleet.nonces.some((nonce) => nonce % 14 === 10)).toBe(true);
    expect([duplicates(fleet), fleet.post.foreignCount()]).toEqual([0, 0]);
    expect(fleet.machines.get('B')!.world.books()).toMatchObject({ pocs: [{ modelLoads: 1 }] });
  });

  it('gets its share when its tunnel is back', async () => {
    const fleet = new FleetCase(2);
    fleet.ready('A');
    fleet.ready('B').isOpen = false;
    await fleet.call('init/generate');
    expect(fleet.crew).toEqual(['A working 3/14', 'B asked 10/14']);
    expect(fleet.alerts).toEqual([expect.stringContaining('its tunnel is away')]);
    fleet.machines.get('B')!.isOpen = true;
    await fleet.clock.advanceBy(minute);
    expect(fleet.crew).toEqual(['A working 3/14', 'B working 10/14']);
  });
});

describe('a machine that is lost', () => {
  it('costs its own share and nothing else', async () => {
    const fleet = await generating(3);
    const before = fleet.nonces.length;
    await fleet.lose('B');
    await fleet.clock.advanceBy(2 * minute);
    expect([fleet.state, ...fleet.crew]).toEqual([
      'POW GENERATING',
      'A working 3/21',
      'B lost 10/21',
      'C working 17/21',
    ]);
    expect(fleet.nonces.length).toBeGreaterThan(before + 20);
    expect(duplicates(fleet)).toBe(0);
    expect(fleet.alerts).toEqual([expect.stringContaining('lease B')]);
  });

  it('ends the PoC that we present when it was the last', async () => {
    const fleet = await generating(2);
    await fleet.lose('A');
    expect(fleet.state).toBe('POW GENERATING');
    await fleet.lose('B');
    expect(fleet.state).toBe('STOPPED');
  });

  it('is never replaced in its share: whoever comes later begins where nobody was', async () => {
    const fleet = await generating(2);
    await fleet.lose('A');
    await fleet.lose('B');
    fleet.ready('C');
    fleet.ready('D');
    fleet.ready('E');
    await fleet.call('init/generate');
    await fleet.clock.advanceBy(2 * minute);
    expect(fleet.crew.map((one) => one.split(' ')[0])).toEqual(['A', 'B', 'C', 'D']);
    expect(fleet.nonces.some((nonce) => nonce > 1_000_000)).toBe(true);
    expect([duplicates(fleet), fleet.post.foreignCount()]).toEqual([0, 0]);
    expectOwnClass(fleet);
  });
});

describe('a machine that comes late', () => {
  it('waits while the others generate, then validates with numbers that cannot generate', async () => {
    const fleet = await generating(3, 2);
    fleet.ready('C');
    await fleet.clock.advanceBy(minute);
    await fleet.call('init/generate');
    expect([fleet.crew, fleet.callsTo('C')]).toEqual([['A working 3/14', 'B working 10/14'], []]);
    await fleet.call('init/validate');
    expect(fleet.crew).toEqual(['A working 3/14', 'B working 10/14', 'C working -1/-1']);
    const own = JSON.parse(fleet.calls.find(({ leaseId }) => leaseId === 'C')?.body ?? '{}') as object;
    expect(own).toMatchObject({ node_id: -1, node_count: -1, block_hash: 'ABCD' });
    await fleet.call('phase/generate');
    await fleet.clock.advanceBy(minute);
    expect(fleet.callsTo('C')).toEqual(['init/validate']);
    expect([duplicates(fleet), fleet.post.foreignCount()]).toEqual([0, 0]);
  });

  it('joins a validation that runs', async () => {
    const fleet = await generating(3, 2);
    await fleet.call('init/validate');
    fleet.ready('C');
    await fleet.clock.advanceBy(minute);
    expect(fleet.crew).toEqual(['A working 3/14', 'B working 10/14', 'C working -1/-1']);
    fleet.ready('D');
    await fleet.clock.advanceBy(minute);
    expect(fleet.callsTo('D')).toEqual([]);
  });
});

describe('a daemon that died', () => {
  it('goes on with the shares that it gave', async () => {
    const fleet = await generating(3);
    await fleet.restart();
    await fleet.clock.advanceBy(2 * minute);
    expect(fleet.crew).toEqual(['A working 3/21', 'B working 10/21', 'C working 17/21']);
    await fleet.call('init/validate');
    expect([fleet.state, duplicates(fleet)]).toEqual(['POW VALIDATING', 0]);
    for (const leaseId of ['A', 'B', 'C'])
      expect(fleet.machines.get(leaseId)!.world.books()).toMatchObject({ pocs: [{ modelLoads: 1 }] });
  });

  it('between asking and being heard gives everybody the same share again, whoever came meanwhile', async () => {
    const fleet = new FleetCase(3);
    fleet.ready('A');
    fleet.ready('B');
    await fleet.stop();
    fleet.mishap = () => 'silent';
    void fleet.desk.pow('init/generate', initBody());
    await fleet.clock.advanceBy(1_000);
    await fleet.restart();
    fleet.mishap = () => 'none';
    fleet.ready('C');
    await fleet.call('init/generate');
    expect(fleet.crew).toEqual(['A working 3/14', 'B working 10/14']);
  });

  it('asks those again of which it did not hear', async () => {
    const fleet = new FleetCase(2);
    fleet.ready('A');
    fleet.ready('B');
    fleet.mishap = (leaseId) => (leaseId === 'B' ? 'silent' : 'none');
    await fleet.call('init/generate');
    fleet.mishap = () => 'none';
    await fleet.restart();
    await fleet.clock.advanceBy(minute);
    expect(fleet.crew).toEqual(['A working 3/14', 'B working 10/14']);
  });
});

describe('calls to all', () => {
  it('initialise, change phases and stop every machine', async () => {
    const fleet = new FleetCase(2);
    fleet.ready('A');
    fleet.ready('B');
    await fleet.call('init');
    expect(fleet.state).toBe('POW LOADING');
    await fleet.clock.advanceBy(minute);
    expect(fleet.state).toBe('POW IDLE');
    await fleet.call('phase/generate');
    await fleet.clock.advanceBy(minute);
    await fleet.call('phase/validate');
    const stopped = fleet.call('stop');
    await fleet.clock.advanceBy(minute);
    expect(await stopped).toMatchObject({ kind: 'answer', status: 200 });
    for (const leaseId of ['A', 'B'])
      expect(fleet.callsTo(leaseId)).toEqual(['init', 'phase/generate', 'phase/validate', 'stop']);
    expect([fleet.state, duplicates(fleet)]).toEqual(['STOPPED', 0]);
    expect(fleet.nonces.length).toBeGreaterThan(0);
  });

  it('end the work of every machine when the node is stopped', async () => {
    const fleet = await generating(2);
    await fleet.stop();
    for (const leaseId of ['A', 'B'])
      expect(fleet.machines.get(leaseId)!.world.books()).toMatchObject({ state: 'STOPPED' });
  });
});

describe('at the start of a PoC', () => {
  it.each([1, 2])(
    'its own machines are asked, though those of the last one are still held (width %i)',
    async (width) => {
      const fleet = new FleetCase(width);
      for (const leaseId of ['A', 'B', 'C', 'D']) fleet.ready(leaseId);
      const { block_height: height } = JSON.parse(initBody()) as { block_height: number };
      fleet.pocStartHeights.set('epoch:1', height - 600).set('epoch:2', height);
      for (const leaseId of ['C', 'D']) fleet.machines.get(leaseId)!.owner = 'epoch:2';
      await fleet.call('init/generate');
      expect(fleet.crew.map((one) => one.split(' ')[0])).toEqual(['C', 'D'].slice(0, width));
    },
  );

  it('a confirmation PoC is for the machine that has been ready longest', async () => {
    const fleet = new FleetCase(1);
    for (const leaseId of ['A', 'B']) fleet.ready(leaseId);
    fleet.machines.get('B')!.owner = 'epoch:2';
    fleet.pocStartHeights.set('epoch:1', 2_089_000).set('epoch:2', 2_089_600);
    await fleet.call('init/generate');
    expect(fleet.crew.map((one) => one.split(' ')[0])).toEqual(['A']);
  });
});
