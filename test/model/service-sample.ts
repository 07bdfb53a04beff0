import type { RowEvent } from '../../src/runtime/interface.ts';
import type { ServiceContext } from '../../src/machines/service.ts';
import type { ChartSample } from './chart-walk.ts';

const machine = (leaseId: string, standing: 'asked' | 'working') => ({
  leaseId,
  nodeId: 1,
  nodeCount: 4,
  standing,
});
const powOf = (...machines: readonly ReturnType<typeof machine>[]) => ({
  machines,
  initBody: '{}',
  blockHash: 'AB',
  blockHeight: 1_000,
  publicKey: 'key',
  nodeId: 1,
  nodeCount: 2,
  callbackOrigin: 'http://api:9100',
  callbackPath: '/v1/poc-batches',
});
const alone = powOf(machine('A', 'working'));
const together = powOf(machine('A', 'working'), machine('B', 'asked'));
const poc = {
  leaseId: 'A',
  initBody: '{}',
  model: 'a/b',
  blockHash: 'AB',
  blockHeight: 1_000,
  publicKey: 'key',
  nodeId: 1,
  nodeCount: 2,
  callbackOrigin: 'http://api:9100',
  callbackPath: '/v2/poc-batches/a%252Fb',
};
const jobOf = (publicKey: string) => ({
  leaseId: 'A',
  publicKey,
  blockHash: 'AB',
  blockHeight: 1_000,
  callbackOrigin: 'http://api:9100',
  callbackPath: '/v2/poc-batches/a%252Fb',
  nonceCount: 5,
  isAnswered: false,
});

const events: readonly RowEvent[] = [
  { type: 'NODE.STOPPED' },
  { type: 'NODE.INFERENCE_UP', body: '{}' },
  { type: 'NODE.INFERENCE_DOWN' },
  { type: 'NODE.POC_CALLED', version: 'v2', callbackBase: 'http://api:9100/v2/poc-batches' },
  { type: 'NODE.POC_V2_POLLED' },
  { type: 'POC_V2.GENERATING', poc },
  { type: 'POC_V2.JOB_POSTED', job: jobOf('one') },
  { type: 'POC_V2.JOB_POSTED', job: jobOf('two') },
  { type: 'POC_V2.VERDICT', job: jobOf('one') },
  { type: 'POC_V2.VERDICT', job: jobOf('two') },
  { type: 'POC_V2.JOB_REFUSED', job: jobOf('one') },
  { type: 'POC_V2.JOB_REFUSED', job: jobOf('two') },
  { type: 'POC_V2.STOPPED' },
  { type: 'POC_V2.ENDED', leaseId: 'A' },
  { type: 'POC_V2.ENDED', leaseId: 'B' },
  { type: 'POW.SHARED', sharing: { initBody: '{}', shares: [{ leaseId: 'A', nodeId: 1, nodeCount: 4 }] } },
  { type: 'POW.INITIALISED', pow: alone },
  { type: 'POW.INITIALISED', pow: together },
  { type: 'POW.GENERATING', pow: alone },
  { type: 'POW.GENERATING', pow: together },
  { type: 'POW.GENERATING', pow: { ...alone, blockHash: 'CD' } },
  { type: 'POW.INITIALISED', pow: { ...alone, blockHash: 'EF' } },
  { type: 'POW.VALIDATING', pow: together },
  { type: 'POW.PHASE_GENERATE' },
  { type: 'POW.PHASE_VALIDATE' },
  { type: 'POW.MACHINE_TOOK', leaseId: 'A' },
  { type: 'POW.MACHINE_TOOK', leaseId: 'B' },
  { type: 'POW.MACHINE_MISSED', leaseId: 'B', standing: 'refused', why: 'said no' },
  { type: 'POW.MACHINE_JOINED', machine: machine('C', 'working') },
  { type: 'POW.BATCH_POSTED', digest: 'd1', blockHash: 'AB', leaseId: 'A' },
  { type: 'POW.BATCH_TAKEN', digest: 'd1' },
  { type: 'POW.BATCH_JUDGED', digest: 'd1' },
  { type: 'POW.STOPPED' },
  { type: 'MACHINE.LOST', leaseId: 'A' },
  { type: 'MACHINE.LOST', leaseId: 'B' },
  { type: 'MACHINE.LOST', leaseId: 'of another PoC' },
];

export const serviceSample: ChartSample = {
  inputs: [{}],
  outputs: {},
  faults: [['WIRE_TIMEOUT']],
  events,
  rests: true,
  // What is presented is true: POW only with a PoC that a machine took.
  check: ({ value, context }) => {
    const isPow = typeof value === 'object' && value !== null && 'pow' in value;
    const { pow } = context as ServiceContext;
    if (isPow && pow === null) return 'it presents a PoC that nobody took';
    return !isPow && pow !== null ? 'it keeps a PoC that is over' : undefined;
  },
};
