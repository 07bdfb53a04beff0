import { parseArgs } from 'node:util';
import { drawnSeed, wholeNumber } from './arguments.ts';
import { tortureRun } from './torture-run.ts';

const usage = `npm run torture -- [--kills 50] [--seed N] [--speed 40]

Daemons in processes of their own live in the sandbox, one after the other on one store, and each is killed with
SIGKILL at a random moment. The last one is stopped as an operator stops it; then the neighbours' books are read: exit
code 1 if a machine is left, was rented twice or under a label that no lease has, or a callback was lost. The last line
is one JSON object.`;

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '50' },
    seed: { type: 'string' },
    speed: { type: 'string', default: '40' },
    help: { type: 'boolean', default: false },
  },
});
if (values.help) console.log(usage);
else process.exitCode = await torture();

async function torture(): Promise<number> {
  const kills = wholeNumber('kills', values.kills);
  const seed = values.seed === undefined ? drawnSeed() : wholeNumber('seed', values.seed);
  console.error(`seed ${seed}, ${kills} kills`);
  const stopping = new AbortController();
  process.once('SIGINT', () => stopping.abort());
  const figures = await tortureRun({
    kills,
    seed,
    speed: wholeNumber('speed', values.speed),
    signal: stopping.signal,
    tell: (sentence) => console.error(sentence),
  });
  console.log(JSON.stringify({ seed, ...figures }));
  const { leakedInstances, duplicateCreates, unknownLabels, callbacksLost, lastExitCode } = figures;
  const isGood = leakedInstances + duplicateCreates + unknownLabels + callbacksLost + lastExitCode === 0;
  return isGood && figures.kills === kills ? 0 : 1;
}
