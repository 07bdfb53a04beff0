import type { PowCall, PowStatus } from '../../adapters/mlnode/interface.ts';
import type { ServiceContext } from '../../machines/service.ts';
import type { Clock } from '../../runtime/clock.ts';
import type { Runtime } from '../../runtime/interface.ts';
import { createMemoryValidationBatches, type ValidationBatches } from '../../runtime/validation-batches.ts';
import type { MlnodeDesk, ServiceView } from '../../server/mlnode-api/desk.ts';
import { createAttachedDevices } from '../machine/attached-devices.ts';
import type { Log } from '../log.ts';
import type { MachineRoom } from '../machine/machine-room.ts';
import { createPowAttendant } from './pow-attendant.ts';
import { createPowFleet, type PhaseCall } from './pow-fleet.ts';
import { createPowRoom, type PowRoom } from './pow-room.ts';
import type { InitCall } from './pow-sharing.ts';
import { serviceRow } from '../row-names.ts';
import { createValidationSpread } from './validation-spread.ts';

export interface ServiceDeskOptions {
  readonly rows: Runtime;
  readonly room: MachineRoom;
  readonly clock: Clock;
  readonly log: Log;
  readonly expectedModel: string;
  readonly callbackUrl: string | undefined;
  /** `GPU_FLEET_WIDTH`: machines that share one PoC. @default 1 */
  readonly fleetWidth?: number;
  /** Where bodies of batches wait for their verdict. @default memory */
  readonly batches?: ValidationBatches;
  /** Nonces that each machine has found in the running PoC, by lease. @default nothing is known */
  nonces?(): ReadonlyMap<string, number>;
  isInferenceHealthy(): boolean;
}

export interface ServiceDesk extends MlnodeDesk {
  /** Context of the service row: what runs, for the relay's guard. */
  context(): ServiceContext;
  /** A machine's verdict is durably on its way to the Network Node. */
  noteVerdict(digest: string): void;
  /** Takes up a PoC that ran when the daemon stopped. Call it once the service row is open. */
  start(): void;
  close(): void;
}

const inits: ReadonlySet<PowCall> = new Set(['init', 'init/generate', 'init/validate']);

/**
 * The permanent node's desk. Answers from the service chart's state; PoC work goes to the machines that are held, and
 * is acknowledged only when one of them took it (invariant I8).
 */
export function createServiceDesk(options: ServiceDeskOptions): ServiceDesk {
  const { rows, clock, log, batches = createMemoryValidationBatches() } = options;
  const closing = new AbortController();
  const room = createPowRoom({ rows, room: options.room, log, closing: closing.signal });
  const fleet = createPowFleet({
    room,
    width: options.fleetWidth ?? 1,
    callbackUrl: options.callbackUrl,
    onTaken: (pow, isKept) => {
      if (!isKept) attendant.forget();
      batches.keepOnly(pow.blockHash);
      attendant.attend();
    },
  });
  const spread = createValidationSpread({ room, batches, found: () => options.nonces?.() ?? new Map() });
  const attendant = createPowAttendant({ room, fleet, spread, clock, closing: closing.signal });
  const unsubscribe = rows.onStep(({ rowId, event }) => {
    if (rowId === serviceRow && event.type === 'MACHINE.LOST') attendant.hurry();
  });

  return {
    context: () => room.context(),
    noteVerdict: (digest) => room.send({ type: 'POW.BATCH_JUDGED', digest }),
    start: () => {
      if (room.context().pow !== null) attendant.attend();
    },
    view: () => view(room, rows.row(serviceRow)?.value, attendant.isModelInitialized(), options),
    devices: createAttachedDevices({ rows, room: options.room, log, signal: closing.signal }),
    stop: async () => {
      const { pow } = room.context();
      room.send({ type: 'NODE.STOPPED' });
      for (const { leaseId, standing } of pow?.machines ?? []) if (standing !== 'lost') room.end(leaseId);
    },
    inferenceUp: async (body) => {
      room.send({ type: 'NODE.INFERENCE_UP', body });
      batches.keepOnly(null);
    },
    inferenceDown: async () => room.send({ type: 'NODE.INFERENCE_DOWN' }),
    pow: (call, body) => {
      if (call === 'validate') return spread.post(body);
      return inits.has(call) ? fleet.init(call as InitCall, body) : fleet.phase(call as PhaseCall);
    },
    close: () => {
      unsubscribe();
      closing.abort();
    },
  };
}

function view(
  room: PowRoom,
  value: unknown,
  isModelInitialized: boolean,
  options: ServiceDeskOptions,
): ServiceView {
  const rest = { isInferenceHealthy: options.isInferenceHealthy(), expectedModel: options.expectedModel };
  const phase = room.state();
  if (phase !== undefined)
    return {
      state: 'POW',
      pow: { status: statuses[phase](isModelInitialized), isModelInitialized },
      ...rest,
    };
  return { state: isInference(value) ? 'INFERENCE' : 'STOPPED', pow: null, ...rest };
}

/** PoC v2 runs inside that state. */
const isInference = (value: unknown): boolean =>
  value === 'inference' || (typeof value === 'object' && value !== null && 'inference' in value);

/** LOADING shows in the phase IDLE alone, as at the real node (docs/reference/protocol.md "PoC v1 endpoints"). */
const statuses: Readonly<
  Record<'idle' | 'generating' | 'validating', (isModelInitialized: boolean) => PowStatus['status']>
> = {
  idle: (isModelInitialized) => (isModelInitialized ? 'IDLE' : 'LOADING'),
  generating: () => 'GENERATING',
  validating: () => 'VALIDATING',
};
