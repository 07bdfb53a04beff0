import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { closedLoop } from './closed-loop.ts';
import { type Cores, pinThisProcess } from './cores.ts';
import { type CpuProfile, type SelfTime, selfTimes, selfTimesByOwner } from './cpu-profile.ts';
import { startGateway } from './gateway-process.ts';
import { openMockBackEnd } from './mock-back-end.ts';
import { plainExchange } from './traffic.ts';

const shown = 20;
/** Start and warm-up, which do not count. */
const skipMs = 4_000;

/** Prints where the gateway's own time goes with plain JSON at 32 connections. */
export async function profileGateway(cores: Cores): Promise<void> {
  pinThisProcess(cores.load);
  const folder = mkdtempSync(join(tmpdir(), 'gateway-profile-'));
  const mock = await openMockBackEnd();
  const gateway = await startGateway({
    core: cores.gateway,
    backEndPort: mock.port,
    nodeFlags: ['--cpu-prof', `--cpu-prof-dir=${folder}`],
  });
  const load = closedLoop(gateway.port, 32, plainExchange());
  await load.runFor(skipMs);
  const { answers, failed, seconds } = await load.runFor(8_000);
  load.close();
  await gateway.stop();
  await mock.close();
  const [file] = readdirSync(folder);
  const profile = JSON.parse(readFileSync(join(folder, file ?? ''), 'utf8')) as CpuProfile;
  rmSync(folder, { recursive: true });
  const times = selfTimes(profile, skipMs);
  console.log(`${Math.round(answers / seconds)} answers/s while profiled, ${failed} wrong`);
  print('Self time by function, % of busy time', times);
  print('Self time by owner, % of busy time', selfTimesByOwner(times));
}

function print(title: string, times: readonly SelfTime[]): void {
  console.log(`\n${title}`);
  for (const { place, share } of times.slice(0, shown))
    console.log(`${(share * 100).toFixed(1).padStart(5)}  ${place}`);
}
