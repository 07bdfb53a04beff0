import type { Mlnode, MlnodeAnswer, PocV2Call } from '../../adapters/mlnode/interface.ts';
import { toFault } from '../../errors.ts';
import { limitedCall } from '../../limited-call.ts';
import type { LeaseContext } from '../../machines/lease-context.ts';
import type { RunningPocV2 } from '../../machines/poc-v2-context.ts';
import type { ServiceContext } from '../../machines/service.ts';
import type { Clock } from '../../runtime/clock.ts';
import type { Runtime } from '../../runtime/interface.ts';
import type { JsonReply, PocV2View } from '../../server/mlnode-api/desk.ts';
import { relayUrl } from '../../server/relay/callback-target.ts';
import { rewriteInitUrl } from '../../server/relay/init-url.ts';
import { spliceMember } from '../../server/relay/json-splice.ts';
import { heldMachines, ownMachinesFirst } from '../renting/held-machines.ts';
import type { Log } from '../log.ts';
import type { MachineRoom } from '../machine/machine-room.ts';
import { createPocV2StatusBook, isRunning } from './poc-v2-status.ts';
import { serviceRow } from '../row-names.ts';
import { askedVerdict, runningPocV2 } from './running-poc-v2.ts';

/** Of one relayed call, real milliseconds: the ML node gives each of its vLLMs 60 s. */
const relayTimeoutMs = 70_000;
/** Of a generation of three minutes, so much for an answer that is under way; on the daemon's clock. */
const answersLimitMs = 10_000;

export interface PocV2DeskOptions {
  readonly rows: Runtime;
  readonly room: MachineRoom;
  readonly clock: Clock;
  readonly log: Log;
  readonly callbackUrl: string | undefined;
}

/** PoC v2 of the permanent node: work goes to one machine, and is acknowledged only when that took it. */
export interface PocV2Desk {
  /** From memory. Undefined while no machine serves PoC v2. */
  view(): PocV2View | undefined;
  /** A call whose body was checked. Never throws: what no machine took is a 503. */
  call(call: PocV2Call, body: string): Promise<JsonReply>;
  result(requestId: string): Promise<JsonReply>;
  /** The Network Node polled the status. Returns at once. */
  polled(): void;
  /** The Network Node stops the node: the machine's work ends, its model stays. */
  stopWork(): void;
  /** Takes up what ran when the daemon stopped. */
  start(): void;
  close(): void;
}

export const noBackEnds: JsonReply = {
  status: 503,
  body: JSON.stringify({ detail: 'No vLLM backends available' }),
};
const nothingToStop: JsonReply = {
  status: 200,
  body: JSON.stringify({ status: 'OK', message: 'No backends to stop' }),
};

export function createPocV2Desk(options: PocV2DeskOptions): PocV2Desk {
  const { rows, room, clock, log, callbackUrl } = options;
  const closing = new AbortController();
  /** Inits and stops keep the Network Node's order. */
  let lastCall: Promise<unknown> = Promise.resolve();

  const context = (): ServiceContext => rows.row(serviceRow)?.context as ServiceContext;
  const send = (event: { type: string; [field: string]: unknown }): void => void rows.send(serviceRow, event);
  const phase = (): PocV2Phase | null => phaseOf(rows.row(serviceRow)?.value);
  const onMachine = <Answer>(
    leaseId: string,
    call: (mlnode: Mlnode, signal: AbortSignal) => Promise<Answer>,
  ): Promise<Answer> =>
    limitedCall(closing.signal, relayTimeoutMs, (signal) => call(room.mlnode(leaseId), signal));
  const book = createPocV2StatusBook({
    clock,
    log,
    signal: closing.signal,
    mlnode: (leaseId) => room.mlnode(leaseId),
    generating: () => (phase() === 'generating' ? (context().pocV2?.leaseId ?? null) : null),
    isWorking: () => phase() === 'generating' || phase() === 'validating',
    ended: (leaseId) => send({ type: 'POC_V2.ENDED', leaseId }),
  });

  function inOrder<Result>(call: () => Promise<Result>): Promise<Result> {
    const mine = lastCall.then(call, call);
    lastCall = mine.catch(() => {});
    return mine;
  }

  /**
   * The machine that has the PoC, else the one with the model, else the one that has been ready longest. For an init,
   * which may begin another PoC than the last one: of those that belong to it.
   */
  function machineFor(model: string | null, starting?: PocV2Stage): LeaseContext | undefined {
    const all = heldMachines(rows, room);
    const held = starting === undefined ? all : ownMachinesFirst(rows, all, starting.blockHeight);
    const { pocV2 } = context();
    const hasIt = starting === undefined || pocV2?.blockHash === starting.blockHash;
    return (
      held.find(({ leaseId }) => hasIt && leaseId === pocV2?.leaseId) ??
      held.find((lease) => lease.model !== null && lease.model === model) ??
      held[0]
    );
  }

  /** Any answer of the machine; 503 when none came. */
  async function relayed(
    leaseId: string,
    what: string,
    call: (mlnode: Mlnode, signal: AbortSignal) => Promise<MlnodeAnswer>,
  ): Promise<MlnodeAnswer> {
    try {
      const answer = await onMachine(leaseId, call);
      if (!isTaken(answer)) log.warn({ leaseId, what, status: answer.status }, 'poc_v2.machine_refused');
      return answer;
    } catch (error) {
      log.warn({ leaseId, what, fault: toFault(error) }, 'poc_v2.machine_unreachable');
      return noBackEnds;
    }
  }

  /** The machine answers no inference while it begins; what it was answering may end, for a while. */
  async function betweenAnswers<Result>(begin: () => Promise<Result>): Promise<Result> {
    const release = room.answers.holdBack();
    const ending = new AbortController();
    const until = AbortSignal.any([closing.signal, ending.signal]);
    try {
      const limit = clock.sleep(answersLimitMs, until).catch(() => {});
      await Promise.race([room.answers.over(until), limit]);
      return await begin();
    } finally {
      ending.abort();
      release();
    }
  }

  async function init(body: string): Promise<JsonReply> {
    if (phase() === null) return noBackEnds;
    const lease = machineFor(modelOf(body), stageOf(body));
    if (lease === undefined) {
      log.warn({}, 'poc_v2.no_machine');
      return noBackEnds;
    }
    const { leaseId, callbackPort } = lease;
    const poc = runningPocV2(leaseId, body, callbackUrl);
    const forwarded =
      poc.callbackPath === null ? body : rewriteInitUrl(body, relayUrl(callbackPort, poc.callbackPath));
    const ask = () =>
      relayed(leaseId, 'init/generate', (mlnode, signal) => mlnode.pocV2('init/generate', forwarded, signal));
    let answer = await ask();
    if (isGeneratingAlready(answer)) answer = (await settled(poc)) ?? (await ask());
    if (isTaken(answer)) {
      send({ type: 'POC_V2.GENERATING', poc });
      book.started(poc, answer.body);
      book.follow(leaseId);
    }
    return answer;
  }

  /**
   * A machine that generates already works either on this very init (our own answer was lost with a daemon) or on one
   * that nobody wants any more. Resolves with the answer that it would have given, or null when it was stopped.
   */
  async function settled(poc: RunningPocV2): Promise<MlnodeAnswer | null> {
    try {
      const status = await onMachine(poc.leaseId, (mlnode, signal) => mlnode.pocV2Status(signal));
      if (isRunning(status, poc)) {
        const results = (status?.backEnds ?? []).map(({ port }) => ({ port, status: 'OK' }));
        const count = results.length;
        return {
          status: 200,
          body: JSON.stringify({ status: 'OK', backends: count, n_groups: count, results, errors: null }),
        };
      }
    } catch (error) {
      log.debug({ leaseId: poc.leaseId, fault: toFault(error) }, 'poc_v2.status_unknown');
    }
    await relayed(poc.leaseId, 'stop', (mlnode, signal) => mlnode.pocV2('stop', '{}', signal));
    return null;
  }

  async function generate(body: string): Promise<JsonReply> {
    // A stop that is still on its way comes first.
    await lastCall;
    const lease = phase() === null ? undefined : machineFor(modelOf(body));
    if (lease === undefined) return noBackEnds;
    const { leaseId, callbackPort } = lease;
    const job = askedVerdict(leaseId, body, callbackUrl);
    // Before it is posted: the verdict may come back faster than our own answer.
    if (job !== null) send({ type: 'POC_V2.JOB_POSTED', job });
    // Nobody waits for a callback of a computation that is no validation: its result is asked for.
    const forwarded =
      job === null
        ? spliceMember(body, 'url', 'null')
        : rewriteInitUrl(body, relayUrl(callbackPort, job.callbackPath));
    const answer = await relayed(leaseId, 'generate', (mlnode, signal) =>
      mlnode.pocV2('generate', forwarded, signal),
    );
    if (job === null) return answer;
    if (isTaken(answer)) book.follow(leaseId);
    else send({ type: 'POC_V2.JOB_REFUSED', job });
    return answer;
  }

  /** Whose machine works, its tunnel open or not. */
  function workingLease(): string | undefined {
    const now = phase();
    if (now === null || now === 'idle') return undefined;
    const { pocV2, pocV2Jobs } = context();
    return (now === 'validating' ? pocV2Jobs.at(-1)?.leaseId : pocV2?.leaseId) ?? pocV2?.leaseId;
  }

  async function stop(body: string): Promise<JsonReply> {
    const working = workingLease();
    // A machine that works behind a lost tunnel is not stopped by telling another one.
    if (working !== undefined && !room.isOpen(working)) return noBackEnds;
    const lease = machineFor(null);
    if (lease === undefined) {
      if (phase() !== null) send({ type: 'POC_V2.STOPPED' });
      return nothingToStop;
    }
    const { leaseId } = lease;
    const answer = await relayed(leaseId, 'stop', (mlnode, signal) => mlnode.pocV2('stop', body, signal));
    if (isTaken(answer)) {
      send({ type: 'POC_V2.STOPPED' });
      book.stopped(leaseId);
    }
    return answer;
  }

  return {
    view: () => {
      const now = phase();
      if (now === null) return undefined;
      // A tunnel that comes back finds the machine still at work.
      const lease = machineFor(null);
      const leaseId = workingLease() ?? (lease?.model === null ? undefined : lease?.leaseId);
      return leaseId === undefined ? undefined : { status: statusOf[now], backEnds: book.backEnds(leaseId) };
    },
    call: (call, body) => {
      if (call === 'generate') return generate(body);
      return inOrder(() => (call === 'stop' ? stop(body) : betweenAnswers(() => init(body))));
    },
    result: async (requestId) => {
      const lease = machineFor(null);
      if (lease === undefined) return { status: 404, body: JSON.stringify({ detail: 'Request not found' }) };
      return relayed(lease.leaseId, 'result', (mlnode, signal) => mlnode.pocV2Result(requestId, signal));
    },
    polled: () => {
      const lease = phase() === null ? undefined : machineFor(null);
      if (lease !== undefined && lease.model !== null) book.lookWhenOld(lease.leaseId);
    },
    stopWork: () => {
      const leaseId = workingLease();
      if (leaseId === undefined) return;
      void inOrder(() => relayed(leaseId, 'stop', (mlnode, signal) => mlnode.pocV2('stop', '{}', signal)));
    },
    start: () => {
      const leaseId = workingLease();
      if (leaseId !== undefined) book.follow(leaseId);
    },
    close: () => closing.abort(),
  };
}

type PocV2Phase = 'idle' | 'generating' | 'validating';

const statusOf = { idle: 'IDLE', generating: 'GENERATING', validating: 'VALIDATING' } as const;

/** Null in every state but inference: no vLLM is up then, as far as the Network Node knows. */
function phaseOf(value: unknown): PocV2Phase | null {
  return (value as { inference?: PocV2Phase } | null | undefined)?.inference ?? null;
}

const isTaken = ({ status }: MlnodeAnswer): boolean => status >= 200 && status < 300;

/** A second init without a stop (docs/reference/protocol.md "PoC v2 endpoints"). */
const isGeneratingAlready = ({ status, body }: MlnodeAnswer): boolean =>
  (status === 502 || status === 409) && /already generating/i.test(body);

type PocV2Stage = { readonly blockHash?: unknown; readonly blockHeight: number };

function stageOf(body: string): PocV2Stage {
  const { block_hash, block_height } = JSON.parse(body) as { block_hash?: unknown; block_height?: unknown };
  return { blockHash: block_hash, blockHeight: Number(block_height) };
}

function modelOf(body: string): string | null {
  const { params } = JSON.parse(body) as { params?: { model?: unknown } };
  return typeof params?.model === 'string' ? params.model : null;
}
