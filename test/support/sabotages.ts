import type { Offer } from '../../src/adapters/vast/interface.ts';
import { HybridError } from '../../src/errors.ts';
import type { Clock } from '../../src/runtime/clock.ts';
import { blockHeight } from '../../src/units.ts';
import type { createHttpNeighbours } from '../../src/wiring/http-neighbours.ts';

type Met = ReturnType<typeof createHttpNeighbours>;
type Sabotage = (met: Met, clock: Clock) => Partial<Met>;

/** World milliseconds by which `destroyLate` keeps a machine. */
const lateMs = 10 * 60_000;
/** Blocks after `poc_start` at which `holdIgnored` lets its machine go. */
const heldBlocks = 30;

/** One way each in which a daemon could be wrong and believe itself right. */
export const sabotages = {
  none: () => ({}),

  deliverDropsOneInTen: ({ networkNode }) => {
    const isDropped = everyTenth();
    return {
      networkNode: altered(networkNode, {
        deliver: async (callback, signal) => {
          if (callback.url.endsWith('/generated') && isDropped()) return;
          await networkNode.deliver(callback, signal);
        },
      }),
    };
  },

  validatedDropped: ({ networkNode }) => ({
    networkNode: altered(networkNode, {
      deliver: async (callback, signal) => {
        if (!callback.url.endsWith('/validated')) await networkNode.deliver(callback, signal);
      },
    }),
  }),

  initNotForwarded: (met) => ({
    mlnode: (transport) => {
      const machine = met.mlnode(transport);
      return altered(machine, {
        pow: async (call, body, signal) =>
          call.startsWith('init')
            ? { status: 200, body: '{"status":"OK"}' }
            : machine.pow(call, body, signal),
      });
    },
  }),

  holdIgnored: ({ chain }) => ({
    chain: altered(chain, {
      head: async (signal) => {
        const head = await chain.head(signal);
        const early = blockHeight(head.next.pocStartHeight + heldBlocks);
        return {
          ...head,
          next: { ...head.next, pocGenerationEndHeight: early, pocValidationEndHeight: early },
        };
      },
    }),
  }),

  destroyNotSent: ({ vast }) => {
    const believedGone = new Set<number>();
    return {
      vast: altered(vast, {
        destroy: async (instanceId) => {
          believedGone.add(instanceId);
          return 'accepted';
        },
        list: async (signal) => {
          const { instances } = await vast.list(signal);
          const left = instances.filter(({ instanceId }) => !believedGone.has(instanceId));
          return { instances: left, totalInstances: left.length };
        },
        show: async (instanceId, signal) =>
          believedGone.has(instanceId) ? null : vast.show(instanceId, signal),
      }),
    };
  },

  destroyLate: ({ vast }, clock) => ({
    vast: altered(vast, {
      destroy: async (instanceId, signal) => {
        await clock.sleep(lateMs, signal);
        return vast.destroy(instanceId, signal);
      },
    }),
  }),

  createTwice: ({ vast }) => {
    let seen: readonly Offer[] = [];
    return {
      vast: altered(vast, {
        search: async (needs, signal) => (seen = await vast.search(needs, signal)),
        create: async (request, signal) => {
          const other = seen.find(({ offerId }) => offerId !== request.offerId);
          if (other === undefined) throw new Error('the market has one offer only');
          const label = `${request.label}:again`;
          const surplus = await vast.create({ ...request, offerId: other.offerId, label }, signal);
          await vast.destroy(surplus.instanceId, signal);
          return vast.create(request, signal);
        },
      }),
    };
  },

  lookUpSkipped: ({ vast }) => ({
    vast: altered(vast, {
      create: (request, signal) =>
        vast.create(request, signal).catch((error: unknown) => {
          throw new HybridError(
            { code: 'VAST_CREATE_REFUSED', message: 'taken as refused without a look' },
            { cause: error },
          );
        }),
    }),
  }),

  inferenceBroken: ({ backEnds }) => {
    const isBroken = everyTenth();
    const sent = <Request extends { readonly body: string | Buffer }>(request: Request): Request =>
      isBroken() ? { ...request, body: '{' } : request;
    return {
      backEnds: backEnds.map(({ upstream, dialect }) => ({
        dialect,
        upstream: altered(upstream, {
          exchange: (request, receiver) => upstream.exchange(sent(request), receiver),
          complete: (request) => upstream.complete(sent(request)),
        }),
      })),
    };
  },
} as const satisfies Record<string, Sabotage>;

export type SabotageName = keyof typeof sabotages;

/** The neighbours with some of their calls replaced. */
export function sabotaged(name: SabotageName, met: Met, clock: Clock): Met {
  return { ...met, ...(sabotages[name] as Sabotage)(met, clock) };
}

/** True for the third of every ten calls. */
function everyTenth(): () => boolean {
  let calls = 0;
  return () => calls++ % 10 === 2;
}

function altered<Neighbour extends object>(original: Neighbour, changes: Partial<Neighbour>): Neighbour {
  return new Proxy(original, {
    get: (target, name) => {
      const value: unknown = Reflect.get(name in changes ? changes : target, name);
      return typeof value === 'function' && !(name in changes) ? (value.bind(target) as unknown) : value;
    },
  });
}
