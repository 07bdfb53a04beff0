import { describe, expect, it } from 'vitest';
import type { ExecResult } from '../../../src/adapters/ssh/interface.ts';
import { HybridError } from '../../../src/errors.ts';
import { settle, VirtualClock } from '../../../src/runtime/virtual-clock.ts';
import { milliseconds } from '../../../src/units.ts';
import { renewCommand } from '../../../src/wiring/machine/dead-man.ts';
import { createLifeLine } from '../../../src/wiring/machine/life-line.ts';
import { silent } from '../small-town.ts';

const ttlMs = milliseconds(900_000);
const { signal } = new AbortController();
const done: ExecResult = { exitCode: 0, stdout: '', stderr: '' };

function machine(answer: () => Promise<ExecResult> = async () => done) {
  const clock = new VirtualClock(1_000_000);
  const commands: string[] = [];
  const room = {
    isOpen: (): boolean => state.isOpen,
    exec: (_leaseId: string, command: string) => {
      commands.push(command);
      return answer();
    },
  };
  const state = { isOpen: true };
  return { clock, commands, state, lifeLine: createLifeLine({ room, clock, ttlMs, log: silent }) };
}

describe('the life line of a rented machine', () => {
  it('is renewed at once, and then every tenth of the time to live, however often it is looked at', async () => {
    const { clock, commands, lifeLine } = machine();
    for (let looks = 0; looks <= 180; looks++) {
      lifeLine.renewWhenDue('L', signal);
      await settle();
      await clock.advanceBy(1_000);
    }
    expect(commands).toEqual([renewCommand, renewCommand, renewCommand]);
  });

  it('waits for its tunnel, and for the renewal that is under way', async () => {
    const pending = Promise.withResolvers<ExecResult>();
    const { commands, state, lifeLine } = machine(() => pending.promise);
    state.isOpen = false;
    lifeLine.renewWhenDue('L', signal);
    expect(commands).toEqual([]);
    state.isOpen = true;
    lifeLine.renewWhenDue('L', signal);
    lifeLine.renewWhenDue('L', signal);
    expect(commands).toHaveLength(1);
    pending.resolve(done);
  });

  it('tries again at the next look when a renewal failed, and says when the machine ends when it did not', async () => {
    let tries = 0;
    const { clock, commands, lifeLine } = machine(async () => {
      tries += 1;
      if (tries === 1) throw new HybridError({ code: 'SSH_LOST', message: 'gone' });
      return tries === 2 ? { ...done, exitCode: 1 } : done;
    });
    lifeLine.renewWhenDue('L', signal);
    await settle();
    expect(await lifeLine.renew('L', signal)).toBe(null);
    expect(await lifeLine.renew('L', signal)).toBe(clock.now() + ttlMs);
    lifeLine.renewWhenDue('L', signal);
    expect(commands).toHaveLength(3);
  });
});
