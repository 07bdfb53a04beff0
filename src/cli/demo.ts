import type { JournalEntry } from '../runtime/interface.ts';
import { blocksOf } from '../sandbox/block-watch.ts';
import type { TownBooks } from '../figures/books.ts';
import { eventStream } from '../sandbox/event-stream.ts';
import { runEpochs } from '../sandbox/run.ts';
import { buildTown, type Town } from '../sandbox/town.ts';
import { chainFlavours } from '../world/chain/flavour.ts';
import { numberOption, parseArguments, UsageError, wholeNumberOption } from './arguments.ts';
import type { Command } from './command.ts';
import { DemoStory } from './demo-story.ts';
import { demoVerdict } from './demo-verdict.ts';
import { createPaint } from './paint.ts';

const help = `
Usage: hybrid-mlnode demo [options]

A world in a box: chain, Network Node, Vast.ai with GPU machines, and an inference API, each a process on loopback
over real HTTP and SSH, behaving as the real ones do. A daemon is started in it as an operator would start it and
lives through whole epochs of PoC. The figures at the end are the neighbours' own books, not the daemon's word.

Options:
  --epochs <n>     PoC epochs to live through, 1 to 50 (default 2)
  --speed <x>      world seconds in a real one (default 90; a block is then 59 ms)
  --seed <n>       seed of the world's chances (default 1)
  --chain <name>   what the network runs: v1 (default), v1-confirmation, v2, v2-confirmation
  --fleet <n>      machines that share each PoC, 1 to 16 (default 1)
  --accidents <x>  factor on the market's own mishaps: taken offers, machines that never boot (default 0; 1 = as
                   documented in docs/reference/vast.md)
  --json           the figures as one JSON object on the last line, the story on stderr
  --keep-town      leave the daemon's log and store behind and say where

Examples:
  hybrid-mlnode demo
  hybrid-mlnode demo --epochs 1 --json
  hybrid-mlnode demo --accidents 1 --seed 7

Exit codes: 0 every figure is as it should be, 1 something is not (it is named).
`;

/** Before the first PoC: a machine is rented some 130 blocks ahead, and for PoC v2, whose model takes time, at once. */
const blocksBeforePoc = { v1: 150, v2: 135 };
const blockMs = 5_350;
/** A market of which nothing is known yet makes the daemon launch that early at most. */
const leadSecondsMax = 2_100;
/** Of the longest of these chains. */
const epochBlocks = 600;
/** Short, so that each block lasts longer in the time that a demo may take: PoC and lead fit. */
const epochLengthV1 = 420;

export const command: Command = {
  name: 'demo',
  summary: 'Live through whole PoC epochs in a world in a box.',
  help: help.trimStart(),
  run: async (args, io) => {
    const { values } = parseArguments(args, {
      epochs: { type: 'string', default: '2' },
      speed: { type: 'string', default: '90' },
      seed: { type: 'string', default: '1' },
      accidents: { type: 'string', default: '0' },
      chain: { type: 'string', default: 'v1' },
      fleet: { type: 'string', default: '1' },
      json: { type: 'boolean', default: false },
      'keep-town': { type: 'boolean', default: false },
    });
    const epochs = wholeNumberOption('epochs', values.epochs, 1, 50);
    const speed = numberOption('speed', values.speed, 1, 400);
    const accidents = numberOption('accidents', values.accidents, 0, 10);
    const fleetWidth = wholeNumberOption('fleet', values.fleet, 1, 16);
    const seed = wholeNumberOption('seed', values.seed, 0, 2 ** 32 - 1);
    const flavour = chainFlavours.find((name) => name === values.chain);
    if (flavour === undefined)
      throw new UsageError(`--chain ${values.chain} is not played; ${chainFlavours.join(', ')} are`);
    const blocksBefore = blocksBeforePoc[flavour.startsWith('v2') ? 'v2' : 'v1'];
    const story = new DemoStory(
      values.json ? io.stderr : io.stdout,
      createPaint(values.json ? io.stderr : io.stdout, io.env),
    );
    const stopping = new AbortController();
    const unlisten = io.onStopSignal(() => stopping.abort());
    story.line(`building the town (seed ${seed}, ${speed} times as fast as the world) …`);
    const town = await buildTown({
      speed,
      seed,
      flavour,
      chain: {
        startHeight: 2_089_000,
        firstPocStartHeight: 2_089_000 + blocksBefore,
        ...(flavour === 'v1' ? { params: { epochLength: epochLengthV1 } } : {}),
        // However long this computer takes to start a daemon: the first PoC is as far away as it should be.
        faults: { halt: 1 },
      },
      vast: { accidents },
      ...(fleetWidth === 1 ? {} : { settings: { GPU_FLEET_WIDTH: `${fleetWidth}` } }),
    });
    story.line(`ML node at ${town.gatewayUrl}`);
    story.line(`watch it in a browser while it runs: ${town.inspectionUrl}/`);
    try {
      const following = follow(town, story, stopping.signal);
      const worldMs = (blocksBefore + epochs * epochBlocks) * blockMs;
      const report = await runEpochs({
        town,
        epochs,
        limitMs: Math.ceil(worldMs / speed) + 30_000,
        signal: stopping.signal,
        onUp: () => town.chain.setFault('halt', 0),
        onLook: (books) => story.money(moneyOf(books)),
      });
      stopping.abort();
      await following;
      story.end();
      return demoVerdict(
        report,
        { accidents, speed, leadSeconds: leadSecondsMax, fleetWidth, flavour },
        values.json,
        io,
      );
    } finally {
      unlisten();
      if (values['keep-town']) io.stderr.write(`the town's files are in ${town.dir}\n`);
      await town.close({ keepFiles: values['keep-town'] });
    }
  },
};

/** Both stories as they happen: the chain's blocks and the daemon's journal. */
async function follow(town: Town, story: DemoStory, signal: AbortSignal): Promise<void> {
  const blocks = async (): Promise<void> => {
    for await (const block of blocksOf(town.chain.url, signal)) story.block(block);
  };
  const journal = async (): Promise<void> => {
    let after = 0;
    while (!signal.aborted) {
      try {
        for await (const { id, data } of eventStream(
          `${town.inspectionUrl}/v1/events?after=${after}`,
          signal,
        )) {
          after = Number(id);
          story.journal(JSON.parse(data) as JournalEntry);
        }
      } catch {
        // The daemon is not up yet, or it has ended: the stream is opened again until the run is over.
      }
      await new Promise((resolve) => {
        setTimeout(resolve, 100);
      });
    }
  };
  await Promise.allSettled([blocks(), journal()]);
}

const moneyOf = ({ vast, networkNode }: TownBooks): Parameters<DemoStory['money']>[0] => ({
  machines: vast.live,
  costUsd: vast.costUsd,
  noncesAccepted: networkNode.noncesAccepted,
});
