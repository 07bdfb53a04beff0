import type { LeaseContext } from '../../src/machines/lease-context.ts';
import type { ErrorCode, RetryClass } from '../../src/errors.ts';
import { milliseconds } from '../../src/units.ts';
import type { ChartSample } from './chart-walk.ts';
import { confirmationSample } from './confirmation-sample.ts';
import { epochSample } from './epoch-sample.ts';
import { leaseInput } from './sample-rows.ts';
import { serviceSample } from './service-sample.ts';

const startsAt = 1_800_000_000_000;
const fault = (code: ErrorCode, retryClass: RetryClass) => ({
  code,
  class: retryClass,
  message: `${code} in a walk`,
});

const wireFaults: ChartSample['faults'] = [['WIRE_TIMEOUT'], ['WIRE_BROKEN']];
const personFaults: ChartSample['faults'] = [['VAST_KEY_REFUSED']];
const registrationChecks = [
  { isListed: true, differences: [], nodeNum: 5 },
  { isListed: true, differences: [], nodeNum: 6 },
  { isListed: true, differences: ['host'], nodeNum: 5 },
  { isListed: false, differences: ['not listed'], nodeNum: null },
];
const head = (height: number): unknown => ({ height, seenAt: startsAt + height * 5_000 });

const lease: ChartSample = {
  inputs: [leaseInput('A', 'epoch:7', startsAt)],
  outputs: {
    createInstance: [{ instanceId: 11 }],
    lookUpLabel: [{ instanceId: 11 }, { instanceId: null }],
    awaitRunning: [
      { endpoints: [{ via: 'direct', host: 'h', port: 1 }], price: 1_000_000, runningAt: startsAt + 1_000 },
      { endpoints: [{ via: 'proxy', host: 'h', port: 1 }], price: 1_000_000, runningAt: null },
    ],
    openTunnel: [{ hostKey: 'SHA256:a' }],
    awaitMlnode: [null, { model: 'a/b' }],
    loadModel: [null],
    qualifyMachine: [
      { gpus: ['H100, 81920'], callbackPath: 'proven' },
      { gpus: ['H100, 81920'], callbackPath: 'toRelay' },
    ],
    destroyInstance: ['accepted', 'no_such_instance'],
    confirmAbsence: [{ isGone: true }, { isGone: false }],
  },
  faults: [['VAST_CREATE_UNKNOWN'], ['VAST_OFFER_GONE'], ['VAST_LIST_UNKNOWN'], ['SSH_LOST', 'terminal']],
  events: [
    { type: 'LEASE.RELEASE_ASKED', reason: 'said in a walk' },
    { type: 'LEASE.HANDED_OVER', owner: 'epoch:8', reserved: 2_000_000 },
    { type: 'LEASE.MODEL_PROGRESS', progress: { step: 'starting', elapsedSeconds: 9 } },
    { type: 'LEASE.WORK_STARTED' },
    { type: 'LEASE.OF_ANOTHER_VERSION' },
  ],
  check: ({ status, context }) => {
    const { instanceId, isReleaseAsked, reason } = context as LeaseContext;
    if (isReleaseAsked && reason === null) return 'a release without a reason';
    return status === 'done' && instanceId !== null && reason === null ? 'gone without a reason' : undefined;
  },
};

const reconciler: ChartSample = {
  inputs: [{}],
  outputs: {
    findOrphans: [{ orphans: [] }, { orphans: [{ instanceId: 3, label: 'ghm:a:b:1' }] }],
    destroyOrphans: [{ destroyed: 1 }],
  },
  faults: wireFaults,
  events: [{ type: 'RECONCILER.LOOK_ASKED' }],
};

const registration: ChartSample = {
  inputs: [{}],
  outputs: { compareDefinition: registrationChecks, upsertDefinition: [null] },
  faults: [...wireFaults, ...personFaults],
  events: [{ type: 'REGISTRATION.RECHECK_ASKED' }],
  check: ({ context }) => ((context as { upserts: number }).upserts > 3 ? 'it upserts for ever' : undefined),
};

const participant: ChartSample = {
  inputs: [{ address: 'gonka1abc' }],
  outputs: { askForAccount: [true, false] },
  faults: wireFaults,
  events: [],
};

const tunnel: ChartSample = {
  inputs: [
    {
      leaseId: 'A',
      endpoints: [{ via: 'direct', host: 'h', port: 1 }],
      hostKey: null,
      callbackPort: 20_001,
      authGraceMs: milliseconds(60_000),
    },
  ],
  outputs: { openSession: [{ hostKey: 'SHA256:a' }], holdSession: [null] },
  faults: [['SSH_LOST'], ['SSH_AUTH_REFUSED'], ['SSH_HOST_KEY_CHANGED']],
  events: [{ type: 'TUNNEL.CLOSE_ASKED' }],
  rests: true,
};

const upstream: ChartSample = {
  inputs: [{ name: 'hyperbolic' }],
  outputs: { readModels: [null] },
  faults: wireFaults,
  events: [
    { type: 'UPSTREAM.FAILED', fault: fault('WIRE_TIMEOUT', 'retryable') },
    { type: 'UPSTREAM.FAILED', fault: fault('VAST_KEY_REFUSED', 'operator') },
    { type: 'UPSTREAM.ANSWERED' },
    { type: 'UPSTREAM.MODEL_MISSING', fault: fault('VAST_KEY_REFUSED', 'operator') },
    { type: 'UPSTREAM.MODEL_LISTED' },
  ],
  rests: true,
};

const chainClock: ChartSample = {
  inputs: [
    {
      pauseMs: milliseconds(5_000),
      staleAfterMs: milliseconds(110_000),
      haltAfterMs: milliseconds(600_000),
    },
  ],
  outputs: { readHead: [head(100), head(101), head(120), head(90)] },
  faults: [['CHAIN_UNREACHABLE'], ['CHAIN_BAD_ANSWER']],
  events: [{ type: 'CLOCK.PACE_SET', pauseMs: 60_000 }],
};

/** By chart: every one of the daemon's. */
export const chartSamples: Readonly<Record<string, ChartSample>> = {
  epoch: epochSample,
  lease,
  reconciler,
  registration,
  participant,
  tunnel,
  upstream,
  chainClock,
  service: serviceSample,
  confirmation: confirmationSample,
};
