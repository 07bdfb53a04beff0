import type { Mlnode, MlnodeAnswer, PowCall, PowStatus } from '../adapters/mlnode/interface.ts';
import { toFault } from '../errors.ts';
import type { LeaseContext } from '../machines/lease-context.ts';
import type { RunningPow, ServiceContext } from '../machines/service.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Runtime } from '../runtime/interface.ts';
import type { MlnodeDesk, PowReply, ServiceView } from '../server/mlnode-api/desk.ts';
import { powInitRequest } from '../server/mlnode-api/pow-init-request.ts';
import { proofBatchRequest } from '../server/mlnode-api/proof-batch-request.ts';
import { batchDigest } from '../server/relay/batch-digest.ts';
import { relayUrl } from '../server/relay/callback-target.ts';
import { rewriteInitUrl } from '../server/relay/init-url.ts';
import { createAttachedDevices } from './attached-devices.ts';
import type { Log } from './log.ts';
import type { MachineRoom } from './machine-room.ts';
import { serviceRow } from './row-names.ts';
import { runningPow } from './running-pow.ts';

/** How often the machine's model is looked at while PoC runs; on the daemon's clock. */
const statusPauseMs = 5_000;
/** Of one relayed call, real milliseconds; the Network Node itself would wait for fifteen minutes. */
const relayTimeoutMs = 60_000;

export interface ServiceDeskOptions {
  readonly rows: Runtime;
  readonly room: MachineRoom;
  readonly clock: Clock;
  readonly log: Log;
  readonly expectedModel: string;
  readonly callbackUrl: string | undefined;
  isInferenceHealthy(): boolean;
}

export interface ServiceDesk extends MlnodeDesk {
  /** Context of the service row: what runs, for the relay's guard. */
  context(): ServiceContext;
  /** Takes up a PoC that ran when the daemon stopped. Call it once the service row is open. */
  start(): void;
  close(): void;
}

/**
 * The permanent node's desk. Answers from the service chart's state; PoC work goes to the machine that is held, and
 * is acknowledged only when that machine took it (invariant I8).
 */
export function createServiceDesk(options: ServiceDeskOptions): ServiceDesk {
  const { rows, room, log, clock } = options;
  const closing = new AbortController();
  let isModelInitialized = false;
  let looking: Promise<void> | undefined;
  /** Calls to a machine keep the Network Node's order: a stop that is still on its way comes before the next init. */
  let lastCall: Promise<unknown> = Promise.resolve();

  const context = (): ServiceContext => rows.row(serviceRow)?.context as ServiceContext;
  const send = (event: { type: string; [field: string]: unknown }): void => void rows.send(serviceRow, event);

  function inOrder<Result>(call: () => Promise<Result>): Promise<Result> {
    const mine = lastCall.then(call, call);
    lastCall = mine.catch(() => {});
    return mine;
  }

  const signal = (): AbortSignal => AbortSignal.any([closing.signal, AbortSignal.timeout(relayTimeoutMs)]);

  /** A call to the machine whose failure the Network Node must notice: no answer at all is the only way (v1). */
  async function relayed(
    leaseId: string,
    call: (mlnode: Mlnode) => Promise<MlnodeAnswer>,
    taken: () => void,
  ): Promise<PowReply> {
    try {
      const answer = await call(room.mlnode(leaseId));
      if (answer.status < 200 || answer.status > 299) {
        log.warn({ leaseId, status: answer.status }, 'pow.machine_refused');
        return { kind: 'silence' };
      }
      taken();
      return { kind: 'answer', status: answer.status, body: answer.body };
    } catch (error) {
      log.warn({ leaseId, fault: toFault(error) }, 'pow.machine_unreachable');
      return { kind: 'silence' };
    }
  }

  function init(call: PowCall, body: string): Promise<PowReply> {
    const lease = attached(rows, room, context().pow);
    if (lease === undefined) {
      log.warn({ call }, 'pow.no_machine');
      return Promise.resolve({ kind: 'silence' });
    }
    const pow = withNumbers(runningPow(lease.leaseId, body, options.callbackUrl));
    const forwarded = rewriteInitUrl(body, relayUrl(lease.callbackPort, pow.callbackPath));
    return relayed(
      lease.leaseId,
      (mlnode) => mlnode.pow(call, forwarded, signal()),
      () => {
        const { pow: running } = context();
        // The same init again changes nothing on the machine (docs/reference/protocol.md "PoC v1 endpoints").
        const isKept = call !== 'init' && running?.initBody === body && running.leaseId === lease.leaseId;
        if (!isKept) isModelInitialized = false;
        send({ type: initEvents[call as keyof typeof initEvents], pow });
        watchModel();
      },
    );
  }

  function work(call: PowCall, body: string): Promise<PowReply> {
    const { pow } = context();
    if (pow === null) return Promise.resolve(notRunning(call));
    if (call === 'validate') {
      const { public_key: publicKey, nonces } = proofBatchRequest.parse(JSON.parse(body));
      // Before it is posted: the verdict may come back faster than our own answer.
      send({ type: 'POW.BATCH_POSTED', digest: batchDigest({ publicKey, nonces }) });
    }
    const event = workEvents[call as keyof typeof workEvents];
    return relayed(
      pow.leaseId,
      (mlnode) => mlnode.pow(call, call === 'validate' ? body : undefined, signal()),
      () => event === null || send({ type: event }),
    );
  }

  /** Follows `is_model_initialized` of the machine while PoC runs, so that polls are answered from memory. */
  function watchModel(): void {
    looking ??= follow().finally(() => {
      looking = undefined;
    });
  }
  async function follow(): Promise<void> {
    for (let pow = context().pow; pow !== null && !closing.signal.aborted; pow = context().pow) {
      try {
        isModelInitialized =
          (await room.mlnode(pow.leaseId).powStatus(signal()))?.isModelInitialized ?? false;
      } catch (error) {
        log.debug({ leaseId: pow.leaseId, fault: toFault(error) }, 'pow.status_unknown');
      }
      await clock.sleep(statusPauseMs, closing.signal).catch(() => {});
    }
    isModelInitialized = false;
  }

  return {
    context,
    start: () => {
      if (context().pow !== null) watchModel();
    },
    view: () => view(rows.row(serviceRow)?.value, isModelInitialized, options),
    devices: createAttachedDevices({ rows, room, log, signal: closing.signal }),
    stop: async () => {
      const { pow } = context();
      send({ type: 'NODE.STOPPED' });
      if (pow === null) return;
      // The real node takes up to half a minute for this; the Network Node only needs to know that it happens.
      void inOrder(() => room.mlnode(pow.leaseId).stop(signal())).catch((error: unknown) =>
        log.warn({ leaseId: pow.leaseId, fault: toFault(error) }, 'pow.stop_failed'),
      );
    },
    inferenceUp: async (body) => send({ type: 'NODE.INFERENCE_UP', body }),
    inferenceDown: async () => send({ type: 'NODE.INFERENCE_DOWN' }),
    pow: (call, body) => {
      if (call in initEvents) return inOrder(() => init(call, body));
      return call === 'validate' ? work(call, body) : inOrder(() => work(call, body));
    },
    close: () => closing.abort(),
  };
}

/** Numbers that the body has as strings, or leaves to their defaults, as the machine reads them. */
function withNumbers(pow: RunningPow): RunningPow {
  const init = powInitRequest.parse(JSON.parse(pow.initBody));
  return { ...pow, blockHeight: init.block_height, nodeId: init.node_id, nodeCount: init.node_count };
}

const initEvents = {
  init: 'POW.INITIALISED',
  'init/generate': 'POW.GENERATING',
  'init/validate': 'POW.VALIDATING',
} as const;
const workEvents = {
  'phase/generate': 'POW.PHASE_GENERATE',
  'phase/validate': 'POW.PHASE_VALIDATE',
  validate: null,
  stop: 'POW.STOPPED',
} as const;

/** The machine that runs our PoC, else the one that has been ready longest. Null while its tunnel is away. */
function attached(rows: Runtime, room: MachineRoom, pow: RunningPow | null): LeaseContext | undefined {
  const usable = rows
    .rows({ chart: 'lease' })
    .filter((row) => typeof row.value === 'object' && row.value !== null && 'held' in row.value)
    .map((row) => row.context as LeaseContext)
    .filter((lease) => room.isOpen(lease.leaseId))
    .toSorted((a, b) => (a.readyAt ?? 0) - (b.readyAt ?? 0));
  return usable.find((lease) => lease.leaseId === pow?.leaseId) ?? usable[0];
}

function view(value: unknown, isModelInitialized: boolean, options: ServiceDeskOptions): ServiceView {
  const rest = { isInferenceHealthy: options.isInferenceHealthy(), expectedModel: options.expectedModel };
  if (value === 'inference') return { state: 'INFERENCE', pow: null, ...rest };
  if (value === 'stopped' || typeof value !== 'object' || value === null)
    return { state: 'STOPPED', pow: null, ...rest };
  const phase = (value as { pow: 'idle' | 'generating' | 'validating' }).pow;
  const status: PowStatus['status'] =
    phase === 'generating'
      ? 'GENERATING'
      : phase === 'validating'
        ? 'VALIDATING'
        : isModelInitialized
          ? 'IDLE'
          : 'LOADING';
  return { state: 'POW', pow: { status, isModelInitialized }, ...rest };
}

/** As the real node answers without a controller (docs/reference/protocol.md "PoC v1 endpoints"). */
function notRunning(call: PowCall): PowReply {
  if (call === 'stop') {
    return {
      kind: 'answer',
      status: 200,
      body: JSON.stringify({ status: 'OK', pow_status: 'PoW is not running' }),
    };
  }
  return { kind: 'answer', status: 400, body: JSON.stringify({ detail: 'PoW is not running' }) };
}
