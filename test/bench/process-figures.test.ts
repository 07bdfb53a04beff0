import { describe, expect, it } from 'vitest';
import { coresOf } from '../../bench/cores.ts';
import { selfTimes, selfTimesByOwner } from '../../bench/cpu-profile.ts';
import { cpuTicks } from '../../bench/process-usage.ts';

describe('the figures of a process', () => {
  it('are read from the line of the kernel, whatever the name in it', () => {
    const line =
      '4242 (a ) b (c) S 1 4242 4242 0 -1 4194560 9 0 0 0 1234 66 0 0 20 0 11 0 333653 3133440 360';
    expect(cpuTicks(line)).toBe(1_300);
  });

  it.each([
    ['0-1', [0, 1]],
    ['0-2,5,7-8', [0, 1, 2, 5, 7, 8]],
    ['3', [3]],
    ['', []],
  ])('name the cores of %j', (list, cores) => {
    expect(coresOf(list)).toEqual(cores);
  });
});

describe('a profile', () => {
  it('gives each function its own time, without the time that was idle', () => {
    const frame = (functionName: string, url = '') => ({ functionName, url, lineNumber: 9 });
    const profile = {
      nodes: [
        { id: 1, callFrame: frame('(idle)') },
        { id: 2, callFrame: frame('route', 'file:///x/node_modules/fastify/lib/route.js') },
        { id: 3, callFrame: frame('', 'file:///x/src/server/gateway.ts') },
      ],
      samples: [1, 2, 3, 2],
      timeDeltas: [500, 30, 20, 50],
    };
    expect(selfTimes(profile)).toEqual([
      { place: 'route fastify/lib/route.js:10', share: 0.8 },
      { place: '(anonymous) src/server/gateway.ts:10', share: 0.2 },
    ]);
    expect(selfTimes(profile, 0.54)).toEqual([
      { place: 'route fastify/lib/route.js:10', share: 50 / 70 },
      { place: '(anonymous) src/server/gateway.ts:10', share: 20 / 70 },
    ]);
  });

  it('can be added up by owner', () => {
    const times = [
      { place: 'writev', share: 0.4 },
      { place: 'a undici/lib/x.js:1', share: 0.1 },
      { place: 'b undici/lib/y.js:2', share: 0.2 },
      { place: 'c @fastify/error/index.js:3', share: 0.2 },
      { place: 'd src/server/gateway.ts:4', share: 0.1 },
    ];
    expect(selfTimesByOwner(times).map(({ place }) => place)).toEqual([
      'writev',
      'undici',
      '@fastify/error',
      'src/server/gateway.ts',
    ]);
  });
});
