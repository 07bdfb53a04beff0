import { parseArgs } from 'node:util';
import { availableCores } from './cores.ts';
import { rounded } from './report.ts';
import { soakGateway } from './soak-run.ts';
import { verdictOfSoak } from './soak-verdict.ts';

const usage = `npm run soak [-- --minutes 30]

Mixed load on one gateway, its memory sampled; leaves with 0 when it stays flat and no answer was wrong.`;

process.exitCode = await main();

async function main(): Promise<number> {
  const minutes = minutesOf(process.argv.slice(2));
  if (minutes === undefined) {
    console.error(usage);
    return 64;
  }
  const cores = availableCores();
  if (cores === undefined) {
    console.error('The soak needs Linux, two cores and taskset: apt-get install util-linux');
    return 69;
  }
  const seen = await soakGateway({ cores, minutes, tell: (line) => console.error(line) });
  const verdict = verdictOfSoak(seen.memory);
  const { memory, liveHeapMb, ...counts } = seen;
  const line = {
    minutes,
    samples: memory.length,
    ...verdict,
    liveHeapMb: liveHeapMb.map(rounded),
    ...counts,
  };
  console.log(JSON.stringify(line));
  return verdict.isFlat && seen.failed === 0 ? 0 : 1;
}

function minutesOf(args: readonly string[]): number | undefined {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: { minutes: { type: 'string', default: '30' } },
    });
    const minutes = Number(values.minutes);
    return minutes >= 0.5 ? minutes : undefined;
  } catch {
    return undefined;
  }
}
