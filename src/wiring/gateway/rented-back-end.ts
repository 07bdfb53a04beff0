import { createHttpUpstream } from '../../adapters/upstream/http.ts';
import type { Upstream } from '../../adapters/upstream/interface.ts';
import { vllmDialect } from '../../adapters/upstream/dialect.ts';
import type { Config } from '../../config/config.ts';
import { HybridError } from '../../errors.ts';
import type { EpochContext } from '../../machines/epoch-context.ts';
import { type TokenPrice, tokenPrice } from '../../policy/token-cost.ts';
import type { Clock } from '../../runtime/clock.ts';
import type { Runtime } from '../../runtime/interface.ts';
import { Secret } from '../../secret.ts';
import type { BackEndNews } from '../../server/inference/desk.ts';
import type { KnownBackEnd } from './back-ends.ts';
import type { ChainFollower } from '../chain/chain-follower.ts';
import { heldMachines } from '../renting/held-machines.ts';
import type { MachineAnswers } from '../poc/machine-answers.ts';
import type { MachineRoom } from '../machine/machine-room.ts';
import { confirmationRow, serviceRow } from '../row-names.ts';

/** Name of the rented machine among the back ends, in books and metrics. */
export const rentedName = 'rented';
/** Its hours are in the rentals' books: a token costs nothing more. */
export const rentedPrice: TokenPrice = tokenPrice(0, 0);

/** After a failure it is left alone for so long, on the daemon's clock. */
const restMs = 10_000;
/** A start of PoC breaks off what vLLM answers, and so does the end of a rental: about a minute before, no more is sent. */
const drainBlocks = 12;
/** Whatever host a request names, its connection goes through the tunnel. */
const origin = 'http://rented.machine';

export interface RentedBackEndOptions {
  readonly config: Pick<Config, 'model' | 'mlnodePort' | 'machineModel' | 'upstreamLimits' | 'timeScale'>;
  readonly rows: Pick<Runtime, 'rows' | 'row'>;
  readonly room: Pick<MachineRoom, 'isOpen' | 'dialer' | 'transport' | 'answers'>;
  readonly clock: Clock;
  readonly follower: Pick<ChainFollower, 'head'>;
}

/** The vLLM of the machine that is held, as one of the back ends. */
export interface RentedBackEnd extends KnownBackEnd {
  /** Whether it may be asked now; from memory. */
  isServing(): boolean;
  close(): Promise<void>;
}

/**
 * Inference by the rented machine while it serves the node's model: the same weights on the network's own vLLM, token
 * ids and enforced tokens included (docs/reference/inference.md "The rented machine"). While it generates PoC v2 it
 * answers nobody, so it is not asked.
 */
export function createRentedBackEnd(options: RentedBackEndOptions): RentedBackEnd {
  const { config, rows, room, clock } = options;
  const { model, mlnodePort, machineModel, upstreamLimits } = config;
  let restUntil = -Infinity;

  const machine = (): string | undefined =>
    heldMachines(rows, room).find((lease) => lease.model === model)?.leaseId;
  const isServing = (): boolean => {
    const { inference } = (rows.row(serviceRow)?.value ?? {}) as { inference?: string };
    if (inference === undefined || inference === 'generating' || machine() === undefined) return false;
    if (room.answers.isHeldBack) return false;
    return !isAboutToEnd(rows, options.follower.head()?.height);
  };
  const upstream = createHttpUpstream({
    name: rentedName,
    baseUrl: origin,
    key: new Secret('none'),
    transport: (request) => room.transport(machine() ?? '', mlnodePort)(request),
    limits: upstreamLimits,
    connect: (options, callback) => room.dialer(machine() ?? '', mlnodePort)(options, callback),
  });
  return {
    model,
    serves: (id) => id === model && isServing(),
    isServing,
    close: () => upstream.close(),
    backEnd: {
      name: rentedName,
      upstream: sentElsewhere(upstream, room.answers),
      dialect: vllmDialect,
      stream: 'asAsked',
      // A plain vLLM ignores them, and its answer would accuse an honest executor.
      isEnforcing: machineModel.imageKind === 'mlnode',
      limits: { firstTokenMs: upstreamLimits.firstTokenMs, totalMs: upstreamLimits.totalMs },
      traits: () => ({ takesStreamOptions: true, takesLogprobs: true, takesSeed: true }),
      restMs: () => Math.max(0, restUntil - clock.now()) / config.timeScale,
      takeTurn: () => 0,
      note: (news: BackEndNews) => {
        if (news.kind === 'failed') restUntil = clock.now() + restMs;
      },
    },
  };
}

/** Whether a PoC is about to begin on the machine, or its time is about to be over. */
function isAboutToEnd(rows: Pick<Runtime, 'rows' | 'row'>, height: number | undefined): boolean {
  if (height === undefined) return false;
  if (rows.row(confirmationRow)?.value === 'announced') return true;
  const isNear = (at: number): boolean => at >= height && at - height <= drainBlocks;
  return rows
    .rows({ chart: 'epoch' })
    .map((row) => (row.context as EpochContext).plan)
    .some((plan) => isNear(plan.pocStartHeight) || isNear(plan.holdUntilHeight));
}

/**
 * An answer that breaks off before its caller heard of it is worth a second try at another back end: unlike an API's,
 * its tokens cost nothing.
 */
function sentElsewhere(upstream: Upstream, answers: MachineAnswers): Upstream {
  return {
    ...upstream,
    exchange: (request, receiver) => {
      const over = answers.begin();
      const exchange = upstream.exchange(request, {
        head: (head) => receiver.head(head),
        data: (bytes) => receiver.data(bytes),
        end: () => {
          over();
          receiver.end();
        },
        failed: (error) => {
          over();
          receiver.failed(
            error.code === 'UPSTREAM_BROKEN'
              ? new HybridError({ code: 'UPSTREAM_UNREACHABLE', message: error.message }, { cause: error })
              : error,
          );
        },
      });
      return {
        resume: () => exchange.resume(),
        abort: () => {
          over();
          exchange.abort();
        },
      };
    },
  };
}
