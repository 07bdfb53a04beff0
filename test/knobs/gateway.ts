import { pino } from 'pino';
import type { Config } from '../../src/config/config.ts';
import { createGatewayListeners, type GatewayListener } from '../../src/wiring/gateway/gateway-listeners.ts';
import { backEndCase, deskOf, theirModel } from '../server/back-end-case.ts';
import { model, NotingDesk } from '../server/gateway-case.ts';
import { ScriptedUpstream } from '../server/scripted-upstream.ts';
import type { Place } from './place.ts';

/** The listeners of a daemon with these settings, before a back end that says what it is scripted to. */
export async function listenersOf(
  config: Config,
  place: Place,
  upstream = new ScriptedUpstream(),
): Promise<readonly GatewayListener[]> {
  const listeners = await createGatewayListeners(config, {
    desk: new NotingDesk(),
    inference: deskOf(model, [{ backEnd: backEndCase(upstream), model: theirModel }], {}),
    nodeId: 'hybrid-1',
    log: pino({ level: 'silent' }),
    drainTimeoutMs: 50,
  });
  place.onEnd(() => Promise.all(listeners.map(({ app }) => app.close())));
  return listeners;
}
