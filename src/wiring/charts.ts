import { chainClockMachine } from '../machines/chain-clock.ts';
import { confirmationMachine } from '../machines/confirmation.ts';
import { epochMachine } from '../machines/epoch.ts';
import { leaseMachine } from '../machines/lease.ts';
import { participantMachine } from '../machines/participant.ts';
import { reconcilerMachine } from '../machines/reconciler.ts';
import { registrationMachine } from '../machines/registration.ts';
import { serviceMachine } from '../machines/service.ts';
import { tunnelMachine } from '../machines/tunnel.ts';
import { upstreamMachine } from '../machines/upstream.ts';
import type { Chart } from '../runtime/interface.ts';

/** Charts of durable rows. */
export const charts = {
  epoch: { machine: epochMachine, version: 2, moneyActors: [] },
  lease: { machine: leaseMachine, version: 1, moneyActors: ['createInstance', 'destroyInstance'] },
  service: { machine: serviceMachine, version: 1, moneyActors: [] },
  confirmation: { machine: confirmationMachine, version: 1, moneyActors: [] },
  registration: { machine: registrationMachine, version: 1, moneyActors: [] },
  reconciler: { machine: reconcilerMachine, version: 1, moneyActors: ['destroyOrphans'] },
} as const satisfies Record<string, Chart>;

/** Charts of rows in memory. */
export const volatileCharts = {
  chainClock: { machine: chainClockMachine, version: 1, moneyActors: [] },
  tunnel: { machine: tunnelMachine, version: 1, moneyActors: [] },
  participant: { machine: participantMachine, version: 1, moneyActors: [] },
  upstream: { machine: upstreamMachine, version: 1, moneyActors: [] },
} as const satisfies Record<string, Chart>;
