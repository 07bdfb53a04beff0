import { describe, expect, it } from 'vitest';
import { HybridError } from '../../src/errors.ts';
import { JobQueue } from '../../src/runtime/job-queue.ts';
import { VirtualClock } from '../../src/runtime/virtual-clock.ts';

const broken = () => new HybridError({ code: 'STORE_BROKEN', message: 'the disk is full' });

function queue() {
  const clock = new VirtualClock(0);
  const done: string[] = [];
  const jobs = new JobQueue(() => done.push('between'), clock);
  const named = (name: string) => () => void done.push(name);
  const names = () => done.filter((name) => name !== 'between');
  return { clock, done, jobs, named, names };
}

describe('the queue of jobs', () => {
  it('does them in order, with what is to be done between them', () => {
    const { jobs, done, named } = queue();
    for (const name of ['a', 'b']) jobs.add(named(name));
    jobs.settle();
    expect(done).toEqual(['between', 'a', 'between', 'b', 'between']);
  });

  it('never nests them: what a job leads to comes behind', () => {
    const { jobs, names, named } = queue();
    jobs.add(() => {
      jobs.add(named('inner'));
      jobs.settle();
      named('outer')();
    });
    jobs.add(named('next'));
    jobs.settle();
    expect(names()).toEqual(['outer', 'next', 'inner']);
  });

  it('tries a job again whose store failed, each time later, five seconds at most, and lets none overtake it', async () => {
    const { clock, jobs, names, named } = queue();
    const triedAt: number[] = [];
    jobs.add(() => {
      triedAt.push(clock.now());
      if (triedAt.length <= 9) throw broken();
      named('first')();
    });
    jobs.add(named('second'));
    jobs.settle();
    expect(names()).toEqual([]);
    await clock.advanceBy(60_000);
    expect(triedAt.slice(1).map((at, place) => at - (triedAt[place] ?? 0))).toEqual([
      50, 100, 200, 400, 800, 1_600, 3_200, 5_000, 5_000,
    ]);
    expect(names()).toEqual(['first', 'second']);
  });

  it('begins with a short wait again after a success', async () => {
    const { clock, jobs } = queue();
    const triedAt: number[] = [];
    const once = () => {
      let tries = 0;
      return () => {
        triedAt.push(clock.now());
        tries += 1;
        if (tries === 1) throw broken();
      };
    };
    jobs.add(once());
    jobs.add(once());
    jobs.settle();
    await clock.advanceBy(1_000);
    expect(triedAt).toEqual([0, 50, 50, 100]);
  });

  it('drops a job that is itself at fault, says so, and goes on with the next one', () => {
    const { jobs, names, named } = queue();
    jobs.add(() => {
      throw new RangeError('no such chart');
    });
    jobs.add(named('next'));
    expect(() => jobs.settle()).toThrow('no such chart');
    jobs.settle();
    expect(names()).toEqual(['next']);
  });

  it('gives others their turn after a thousand', async () => {
    const { clock, jobs, names, named } = queue();
    for (let n = 0; n < 1_001; n += 1) jobs.add(named('x'));
    jobs.settle();
    expect(names()).toHaveLength(1_000);
    await clock.advanceBy(0);
    expect(names()).toHaveLength(1_001);
  });

  it('does nothing more once it is stopped, neither what waits nor what comes', async () => {
    const { clock, jobs, names, named } = queue();
    jobs.add(() => {
      throw broken();
    });
    jobs.settle();
    expect(clock.pending).toBe(1);
    jobs.stop();
    expect(clock.pending).toBe(0);
    jobs.add(named('late'));
    jobs.settle();
    await clock.advanceBy(60_000);
    expect(names()).toEqual([]);
  });

  it('arms no further try when a job stops it and fails', () => {
    const { clock, jobs } = queue();
    jobs.add(() => {
      jobs.stop();
      throw broken();
    });
    jobs.settle();
    expect(clock.pending).toBe(0);
  });
});
