import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { demoVerdict } from '../../src/cli/demo-verdict.ts';
import { blemishes } from '../../src/sandbox/blemishes.ts';
import { runEpochs } from '../../src/sandbox/run.ts';
import { capturedIo } from '../cli/captured-io.ts';
import { inhabitedTown } from '../support/inhabited-town.ts';
import type { SabotageName } from '../support/sabotages.ts';

const program = fileURLToPath(new URL('../support/sabotaged-daemon.ts', import.meta.url));
/** The 30 world seconds that make a callback lost are then 375 real milliseconds: what a busy computer still keeps. */
const speed = 80;
const leadSeconds = 600;
const bounds = { accidents: 0, speed, leadSeconds };
const missed = [/^0 of 1 epochs completed$/, /^1 epochs missed$/] as const;
const unvalidated = /^\d validations due, 0 delivered$/;

interface Case {
  readonly sabotage: SabotageName;
  /** What is then wrong with the run: exactly this. */
  readonly blemishes: readonly RegExp[];
  /** What may be wrong beside, by the moment. */
  readonly perhaps?: RegExp;
  /** Switched at Vast.ai before the daemon starts. */
  readonly vastFault?: string;
  /** Real milliseconds; where the sabotage keeps the run from ending by itself. */
  readonly limitMs?: number;
}

const cases: readonly Case[] = [
  { sabotage: 'none', blemishes: [] },
  {
    sabotage: 'deliverDropsOneInTen',
    blemishes: [/^\d+ nonces sent, \d+ accepted$/, /^[1-9]\d* callbacks lost$/],
  },
  { sabotage: 'validatedDropped', blemishes: [...missed, unvalidated, /^[1-9]\d* callbacks lost$/] },
  {
    sabotage: 'initNotForwarded',
    // A machine that never worked was paid before a PoC that it never served.
    blemishes: [...missed, /^no nonces accepted$/, unvalidated, /GPU seconds paid before PoC/],
  },
  {
    sabotage: 'holdIgnored',
    blemishes: [...missed, unvalidated],
    // What its sender was about to post when the machine went.
    perhaps: /^\d+ nonces sent, \d+ accepted$/,
  },
  {
    sabotage: 'destroyNotSent',
    blemishes: [/^1 instances leaked$/, /GPU seconds paid after PoC/],
    limitMs: 26_000,
  },
  { sabotage: 'destroyLate', blemishes: [/GPU seconds paid after PoC/] },
  { sabotage: 'createTwice', blemishes: [/^2 machines rented for 1 epochs$/] },
  {
    sabotage: 'lookUpSkipped',
    vastFault: 'createReplyLost',
    blemishes: [/^2 machines rented for 1 epochs$/],
  },
  { sabotage: 'inferenceBroken', blemishes: [/^[1-9]\d* inference requests failed$/] },
];

describe('a sabotaged daemon shows in the figures and in the exit code', () => {
  it.concurrent.for(cases)('$sabotage', { timeout: 120_000 }, async (given, { onTestFinished, signal }) => {
    const { sabotage, vastFault, limitMs = 60_000 } = given;
    const { town, goOn } = await inhabitedTown(onTestFinished, {
      speed,
      blocksBeforePoc: 110,
      // Without the time to live, a machine that nobody destroys would end by itself before it is counted.
      settings: { LEASE_TTL: '86400', POC_PREP_TIME: `${leadSeconds}` },
    });
    if (vastFault !== undefined) await town.vast.setFault(vastFault, 1);
    const report = await runEpochs({
      town,
      epochs: 1,
      limitMs,
      signal,
      program: [program, sabotage],
      onUp: goOn,
    });
    const found = blemishes(report.figures, bounds);
    const io = capturedIo();
    const exitCode = demoVerdict(report, bounds, true, io);

    const isExpected = (blemish: string): boolean =>
      [...given.blemishes, ...(given.perhaps === undefined ? [] : [given.perhaps])].some((expected) =>
        expected.test(blemish),
      );
    expect(
      found.filter((blemish) => !isExpected(blemish)),
      JSON.stringify(report.figures),
    ).toEqual([]);
    for (const expected of given.blemishes) expect(found).toContainEqual(expect.stringMatching(expected));
    expect(exitCode).toBe(given.blemishes.length === 0 ? 0 : 1);
    expect(report.daemonExitCode).toBe(0);
  });
});
