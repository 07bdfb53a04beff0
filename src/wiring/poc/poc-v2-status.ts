import type { Mlnode, PocV2BackEnd, PocV2Status } from '../../adapters/mlnode/interface.ts';
import { toFault } from '../../errors.ts';
import type { RunningPocV2 } from '../../machines/poc-v2-context.ts';
import type { Clock } from '../../runtime/clock.ts';
import { pocV2StartedAnswer } from '../../server/mlnode-api/poc-v2-answers.ts';
import { parsedJson } from '../../server/mlnode-api/raw-body.ts';
import type { Log } from '../log.ts';

/** Pauses between looks at the machine, on the daemon's clock: while it works, and while it only stands by. */
const workPauseMs = 5_000;
const idlePauseMs = 60_000;
/** Looks in a row that say "idle" before it is believed: one may fall between two inits. */
const idleLooksMin = 2;

export interface PocV2StatusBookOptions {
  readonly clock: Clock;
  readonly log: Log;
  /** Aborted when the daemon stops. */
  readonly signal: AbortSignal;
  mlnode(leaseId: string): Mlnode;
  /** Whose machine generates by our books; null = none does. */
  generating(): string | null;
  /** Whether a generation or a validation runs. */
  isWorking(): boolean;
  /** The machine says by itself that it generates no more. */
  ended(leaseId: string): void;
}

/** Each vLLM in its own words. */
export type ToldBackEnds = readonly Readonly<Record<string, unknown>>[];

/** What the machine's vLLMs told of themselves last, so that polls are answered from memory (invariant I12). */
export interface PocV2StatusBook {
  backEnds(leaseId: string): ToldBackEnds;
  /** From the machine's own answer to an init that it took. */
  started(poc: RunningPocV2, answer: string): void;
  stopped(leaseId: string): void;
  /** A poll was answered from here: it is looked again when the last look is old. */
  lookWhenOld(leaseId: string): void;
  /** Follows the machine for as long as it works. */
  follow(leaseId: string): void;
}

export function createPocV2StatusBook(options: PocV2StatusBookOptions): PocV2StatusBook {
  const { clock, log, signal } = options;
  let known: { leaseId: string; lookedAt: number; backEnds: ToldBackEnds } | undefined;
  let following: Promise<void> | undefined;
  let isLooking = false;

  const keep = (leaseId: string, backEnds: ToldBackEnds): void => {
    known = { leaseId, lookedAt: clock.now(), backEnds };
  };

  async function look(leaseId: string): Promise<PocV2Status | null> {
    if (isLooking) return null;
    isLooking = true;
    try {
      const status = await options.mlnode(leaseId).pocV2Status(signal);
      keep(
        leaseId,
        (status?.backEnds ?? []).map(({ told }) => told),
      );
      return status;
    } catch (error) {
      log.debug({ leaseId, fault: toFault(error) }, 'poc_v2.status_unknown');
      return null;
    } finally {
      isLooking = false;
    }
  }

  async function followed(leaseId: string): Promise<void> {
    let idleLooks = 0;
    while (options.isWorking() && !signal.aborted) {
      await clock.sleep(workPauseMs, signal, 'pocV2.look').catch(() => {});
      if (signal.aborted || !options.isWorking()) return;
      const status = await look(leaseId);
      if (status === null) continue;
      const isIdle = status.status === 'IDLE' || status.status === 'NO_BACKENDS';
      idleLooks = isIdle && options.generating() === leaseId ? idleLooks + 1 : 0;
      if (idleLooks >= idleLooksMin) {
        log.warn({ leaseId, status: status.status }, 'poc_v2.machine_fell_idle');
        options.ended(leaseId);
      }
    }
  }

  return {
    backEnds: (leaseId) => (known?.leaseId === leaseId ? known.backEnds : []),
    started: (poc, answer) => keep(poc.leaseId, startedBackEnds(poc, answer)),
    stopped: (leaseId) => {
      if (known?.leaseId === leaseId) keep(leaseId, []);
      void look(leaseId);
    },
    lookWhenOld: (leaseId) => {
      const age = known?.leaseId === leaseId ? clock.now() - known.lookedAt : Infinity;
      if (age > idlePauseMs && following === undefined && !signal.aborted) void look(leaseId);
    },
    follow: (leaseId) => {
      following ??= followed(leaseId).finally(() => {
        following = undefined;
      });
    },
  };
}

/** The back ends that took an init, in the form in which they would tell of it. */
function startedBackEnds(poc: RunningPocV2, answer: string): ToldBackEnds {
  const read = pocV2StartedAnswer.safeParse(parsedJson(answer)?.value);
  const results = read.success ? (read.data.results ?? []) : [];
  return results.map(({ port }, group) => ({
    port,
    status: 'GENERATING',
    config: {
      block_hash: poc.blockHash,
      block_height: poc.blockHeight,
      public_key: poc.publicKey,
      node_id: poc.nodeId,
      node_count: poc.nodeCount,
      group_id: group,
      n_groups: results.length,
    },
  }));
}

/** Whether every vLLM that works at all works on this init. */
export function isRunning(status: PocV2Status | null, poc: RunningPocV2): boolean {
  const working = (status?.backEnds ?? []).filter((each) => each.status === 'GENERATING');
  return working.length > 0 && working.every((each) => isOf(each, poc));
}

const isOf = ({ config }: PocV2BackEnd, poc: RunningPocV2): boolean =>
  config !== null &&
  config.blockHash === poc.blockHash &&
  config.blockHeight === poc.blockHeight &&
  config.publicKey === poc.publicKey &&
  config.nodeId === poc.nodeId &&
  config.nodeCount === poc.nodeCount;
