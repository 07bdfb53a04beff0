import { expect, it } from 'vitest';
import { VirtualClock } from '../../src/runtime/virtual-clock.ts';
import { Fence } from '../../src/simulation/fence.ts';

const startsAt = 1_767_571_200_000;

it('rings a timer when the clock of that life shows its time, whatever fraction true time has', async () => {
  const world = new VirtualClock(startsAt);
  await world.advanceBy(257.4140625);
  const clock = new Fence().clock(world, 3);
  const dueAt = clock.now() + 5_350.318359375;
  const rung: number[] = [];
  clock.setTimeout(() => rung.push(clock.now()), 5_350.318359375);
  await world.advanceBy(5_351);
  expect(rung).toEqual([Math.ceil(dueAt)]);
});

it('plays the look after something stirred, though the look was armed between two milliseconds', async () => {
  const world = new VirtualClock(startsAt);
  let version = 0;
  world.quiet = { versionOf: () => version, feederOf: () => undefined };
  await world.advanceBy(0.4);
  const clock = new Fence().clock(world);
  const looks: number[] = [];
  const look = (): void => {
    looks.push(version);
    pause(clock.now() + 100.3);
  };
  // As the runtime waits for a deadline: again, as long as the clock shows less.
  const pause = (dueAt: number): void => {
    const ring = (): void => (clock.now() < dueAt ? pause(dueAt) : look());
    clock.setTimeout(ring, dueAt - clock.now(), 'look');
  };
  look();
  world.setTimeout(() => (version += 1), 100);
  await world.advanceBy(1_000);
  expect(looks).toEqual([0, 1]);
});
