import type { OfferNeeds, Vast } from '../../src/adapters/vast/interface.ts';
import { createHttpVast } from '../../src/adapters/vast/index.ts';
import type { Config } from '../../src/config/config.ts';
import type { ChosenLease } from '../../src/machines/epoch-context.ts';
import { createOfferChoice } from '../../src/wiring/renting/offer-choice.ts';
import { blockTimeMs, daemonOf, head, lookAgain, offer, type QuietDaemon } from './quiet-daemon.ts';
import type { Place } from './place.ts';

const signal = new AbortController().signal;

/** The daemon that chose a machine for the next PoC from a market of one, and what it searched for. */
export interface Rental extends QuietDaemon {
  readonly searched: readonly OfferNeeds[];
  readonly chosen: ChosenLease;
}

/** So many machines have failed for that PoC before. Rejects with what keeps the daemon from renting. */
export async function rentalOf(config: Config, place: Place, failures = 0): Promise<Rental> {
  const quiet = daemonOf(config, place);
  const { planning } = quiet.daemon;
  const plan = planning.planner.plan(head, blockTimeMs);
  if (plan === undefined) throw new Error('there is no plan');
  const searched: OfferNeeds[] = [];
  const choose = createOfferChoice({
    config,
    deploymentId: 'knobs',
    clock: quiet.clock,
    vast: {
      ensureSshKey: () => Promise.resolve(),
      search: (needs: OfferNeeds) => {
        searched.push(needs);
        return Promise.resolve([offer]);
      },
    } as unknown as Vast,
    ssh: { publicKey: () => '', connect: () => Promise.reject(new Error('nobody is there')) },
    planning: () => planning,
    height: async () => plan.rentHeight,
    mayRent: () => Promise.resolve(),
    random: () => 0.5,
  });
  const about = {
    owner: 'epoch:137',
    isReplacement: false,
    crewSize: 0,
    stage: 1,
    crewMachineIds: [],
    failedMachineIds: [],
  };
  const chosen = await choose({ ...about, plan, failures }, signal);
  return { ...quiet, searched, chosen };
}

/** The bodies in which Vast.ai is asked for offers. */
export async function queries(config: Config, place: Place): Promise<readonly Record<string, unknown>[]> {
  const bodies: Record<string, unknown>[] = [];
  const { searched, clock } = await rentalOf(config, place);
  const vast = createHttpVast({
    baseUrl: config.vast.baseUrl,
    apiKey: config.vast.apiKey,
    clock,
    transport: ({ body }) => {
      bodies.push(JSON.parse(String(body)) as Record<string, unknown>);
      return Promise.resolve({ status: 200, headers: {}, body: '{"offers":[]}' });
    },
  });
  for (const needs of searched) await vast.search(needs, signal);
  return bodies;
}

/** What Vast.ai is sent to create the machine that was chosen. */
export async function order(config: Config, place: Place): Promise<Rental['orders'][number]> {
  const { daemon, orders, chosen } = await rentalOf(config, place);
  daemon.start();
  const { chart, id, input } = chosen.opening;
  daemon.rows.open(chart, id, input);
  await lookAgain();
  const [first] = orders;
  if (first === undefined || orders.length > 1) throw new Error(`${orders.length} machines were ordered`);
  return first;
}
