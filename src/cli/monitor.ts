import { setTimeout as pause } from 'node:timers/promises';
import type { SourceView } from '../adapters/chain/interface.ts';
import { createHttpChainOfSources } from '../wiring/chain/http-chain-sources.ts';
import type { ChainHead, ChainParams } from '../adapters/chain/interface.ts';
import { HybridError } from '../errors.ts';
import { forecastBlocks } from '../policy/block-forecast.ts';
import { addSample, estimateBlockTime, type HeadSample } from '../policy/block-time.ts';
import { chooseMode } from '../policy/rental-mode.ts';
import { numberOption, parseArguments } from './arguments.ts';
import type { Command } from './command.ts';
import { exitCodes } from './exit-codes.ts';
import { operatorSettings } from './operator-settings.ts';
import { span } from './plan.ts';
import { whileWanted } from './stop-request.ts';

const help = `
Usage: hybrid-mlnode monitor [options]

Where the chain is: phase, height, the next PoC in blocks and in time with its uncertainty, how long a PoC lasts, and
whether a machine should be up now under this RENTAL_POLICY; with several sources in GONKA_NETWORK_NODE_URL also what
each of them says, and whether it is believed. Asks the chain itself: no daemon has to run.

Options:
  --watch          again and again until Ctrl-C; the block time is then measured
  --interval <s>   of --watch, seconds (default 10)
  --json           one JSON object, with --watch one a line

Examples:
  hybrid-mlnode monitor
  hybrid-mlnode monitor --watch --interval 30

Exit codes: 0 printed, 1 no chain source answered, 2 wrong arguments or settings.
`;

export const command: Command = {
  name: 'monitor',
  summary: 'Show where the chain is and when the next PoC comes.',
  help: help.trimStart(),
  run: async (args, io) => {
    const { values } = parseArguments(args, {
      watch: { type: 'boolean', default: false },
      interval: { type: 'string', default: '10' },
      json: { type: 'boolean', default: false },
    });
    const intervalMs = numberOption('interval', values.interval, 0.2, 3_600) * 1_000;
    const { config, clock } = operatorSettings(io);
    const chain = createHttpChainOfSources(config.chain, () => clock.now());
    let samples: readonly HeadSample[] = [];
    const look = async (signal: AbortSignal): Promise<string> => {
      const head = await chain.head(signal);
      const params = await chain.params(signal).catch(() => null);
      samples = addSample(samples, head);
      const view = { ...viewOf(head, params, samples, config.rental.policy), sources: chain.sources() };
      return values.json ? `${JSON.stringify(view)}\n` : pageOf(view);
    };
    return whileWanted(io, async (signal) => {
      if (!values.watch) {
        io.stdout.write(await look(signal));
        return exitCodes.ok;
      }
      while (!signal.aborted) {
        try {
          const text = await look(signal);
          const isScreen = io.stdout.isTTY === true && !values.json;
          io.stdout.write(isScreen ? `\u001b[H\u001b[2J${text}` : text);
        } catch (error) {
          if (signal.aborted) break;
          if (!(error instanceof HybridError)) throw error;
          io.stderr.write(`${error.code}: ${error.message}\n`);
        }
        await pause(intervalMs, undefined, { signal }).catch(() => undefined);
      }
      return exitCodes.ok;
    });
  },
};

interface MonitorView {
  readonly height: number;
  readonly phase: string;
  readonly epochIndex: number;
  readonly blockTimeMs: number;
  readonly nextPoc: {
    readonly epochIndex: number;
    readonly height: number;
    readonly blocks: number;
    readonly aboutSeconds: number;
    /** Half of the range in which nineteen of twenty such waits end. */
    readonly spreadSeconds: number;
  };
  readonly pocBlocks: number;
  readonly pocSeconds: number;
  readonly confirmation: { readonly isActive: boolean; readonly expectedPerEpoch: number | null };
  readonly mode: string;
  readonly reason: string;
  readonly isMachineWanted: boolean;
  /** Set when the policy is one that the chain does not pay. */
  readonly warning: string | null;
}

function viewOf(
  head: ChainHead,
  params: ChainParams | null,
  samples: readonly HeadSample[],
  policy: 'auto' | 'sprint' | 'epoch' | 'off',
): MonitorView {
  const blockTimeMs = estimateBlockTime(samples);
  const { current, next, height } = head;
  const blocks = next.pocStartHeight - height;
  const { aboutMs, spreadMs } = forecastBlocks(samples, blockTimeMs, blocks);
  const pocBlocks = next.pocValidationEndHeight - next.pocStartHeight;
  const { mode, reason, warning } = chooseMode(policy, {
    expectedPerEpoch: params?.expectedConfirmationsPerEpoch ?? null,
    adminExpectedPerEpoch: null,
    wasEventSeen: head.isConfirmationPocActive,
  });
  const isInPoc = height >= current.pocStartHeight && height < current.pocValidationEndHeight;
  return {
    height,
    phase: head.phase,
    epochIndex: head.latestEpochIndex,
    blockTimeMs: Math.round(blockTimeMs),
    nextPoc: {
      epochIndex: next.epochIndex,
      height: next.pocStartHeight,
      blocks,
      aboutSeconds: Math.round(aboutMs / 1_000),
      spreadSeconds: Math.round(spreadMs / 1_000),
    },
    pocBlocks,
    pocSeconds: Math.round((pocBlocks * blockTimeMs) / 1_000),
    confirmation: {
      isActive: head.isConfirmationPocActive,
      expectedPerEpoch: params?.expectedConfirmationsPerEpoch ?? null,
    },
    mode,
    reason,
    isMachineWanted: mode === 'epoch' || (mode === 'sprint' && isInPoc),
    warning,
  };
}

function pageOf(view: MonitorView & { readonly sources: readonly SourceView[] }): string {
  const { nextPoc, confirmation } = view;
  const expected =
    confirmation.expectedPerEpoch === null ? 'unknown' : `${confirmation.expectedPerEpoch} an epoch expected`;
  return [
    `epoch ${view.epochIndex}, height ${view.height}, ${view.phase}; a block takes ${(view.blockTimeMs / 1_000).toFixed(2)} s`,
    `PoC ${nextPoc.epochIndex} starts at ${nextPoc.height}: in ${nextPoc.blocks} blocks, about ${span(nextPoc.aboutSeconds)} (± ${span(nextPoc.spreadSeconds)})`,
    `a PoC lasts ${view.pocBlocks} blocks, about ${span(view.pocSeconds)}`,
    `confirmation PoC: ${confirmation.isActive ? 'running now; ' : ''}${expected}`,
    `policy: ${view.mode} (${view.reason})`,
    ...(view.warning === null ? [] : [`warning: ${view.warning}`]),
    `a machine should ${view.isMachineWanted ? '' : 'not '}be up now`,
    ...(view.sources.length > 1 ? view.sources.map(sourceLine) : []),
    '',
  ].join('\n');
}

const sourceLine = ({ name, standing, height, fault }: SourceView): string =>
  `source ${name}: ${standing}${height === null ? '' : ` at ${height}`}${fault === null ? '' : ` (${fault})`}`;
