import type { WebhookConfig } from '../../config/alerts-config.ts';
import type { WorldClock } from '../../world/clock.ts';
import type { ReceiversWorld } from '../../world/receivers/receivers-world.ts';
import { createWorldTransport } from '../world-transport.ts';
import { createWebhookChannel } from './http.ts';
import type { Channel } from './interface.ts';

/** The web hook without a wire: the same parsing, and the world's receivers behind it. */
export function createSimulatedChannel(
  config: WebhookConfig,
  world: ReceiversWorld,
  clock: Pick<WorldClock, 'setTimeout' | 'clearTimeout'>,
): Channel {
  return createWebhookChannel(config, createWorldTransport({ neighbour: world, clock }));
}
