import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ClosedLoop, closedLoop } from './closed-loop.ts';
import { type Cores, pinThisProcess } from './cores.ts';
import { type CpuProfile, type SelfTime, selfTimes, selfTimesByOwner } from './cpu-profile.ts';
import { startGateway } from './gateway-process.ts';
import { type MockBackEnd, openMockBackEnd } from './mock-back-end.ts';
import { plainExchange, streamExchange } from './traffic.ts';

const shown = 20;
/** Start and warm-up, which do not count. */
const skipMs = 4_000;
const measureMs = 8_000;

/** Prints where the gateway's own time goes: plain JSON at 32 connections, then 64 streams. */
export async function profileGateway(cores: Cores): Promise<void> {
  pinThisProcess(cores.load);
  const mock = await openMockBackEnd();
  const plain = (port: number): ClosedLoop => closedLoop(port, 32, plainExchange());
  const streams = (port: number): ClosedLoop => closedLoop(port, 64, streamExchange());
  print('Plain JSON, 32 connections', await profileUnder(plain, mock, cores));
  print('SSE, 64 streams', await profileUnder(streams, mock, cores));
  await mock.close();
}

async function profileUnder(
  loadOn: (port: number) => ClosedLoop,
  mock: MockBackEnd,
  cores: Cores,
): Promise<readonly SelfTime[]> {
  const folder = mkdtempSync(join(tmpdir(), 'gateway-profile-'));
  const gateway = await startGateway({
    core: cores.gateway,
    backEndPort: mock.port,
    nodeFlags: ['--cpu-prof', `--cpu-prof-dir=${folder}`],
  });
  const load = loadOn(gateway.port);
  await load.runFor(skipMs);
  await load.runFor(measureMs);
  load.close();
  await gateway.stop();
  const [file] = readdirSync(folder);
  const profile = JSON.parse(readFileSync(join(folder, file ?? ''), 'utf8')) as CpuProfile;
  rmSync(folder, { recursive: true });
  return selfTimes(profile, skipMs);
}

function print(title: string, times: readonly SelfTime[]): void {
  console.log(`${title}: self time by function, % of busy time`);
  for (const line of lines(times)) console.log(line);
  console.log(`\n${title}: by owner`);
  for (const line of lines(selfTimesByOwner(times))) console.log(line);
  console.log('');
}

const lines = (times: readonly SelfTime[]): string[] =>
  times.slice(0, shown).map(({ place, share }) => `${(share * 100).toFixed(1).padStart(5)}  ${place}`);
