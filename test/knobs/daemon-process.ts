import { pino } from 'pino';
import type { Config } from '../../src/config/config.ts';
import { type DaemonProcess, startDaemonProcess } from '../../src/wiring/daemon-process.ts';
import { freePort } from '../../src/sandbox/free-port.ts';
import type { Place } from './place.ts';

/** A whole daemon; ports and directory that the settings leave at their defaults are the place's. */
export async function daemonWith(given: Config, place: Place): Promise<DaemonProcess> {
  const isDefault = (name: string): boolean => place.env[name] === undefined;
  const config: Config = {
    ...given,
    registration: 'off',
    rental: { ...given.rental, policy: 'off' },
    node: {
      ...given.node,
      gatewayHost: isDefault('GATEWAY_HOST') ? '127.0.0.1' : given.node.gatewayHost,
      gatewayPort: isDefault('HYPERBOLIC_PROXY_PORT') ? await freePort() : given.node.gatewayPort,
    },
    inspection: {
      ...given.inspection,
      port: isDefault('INSPECTION_PORT') ? await freePort() : given.inspection.port,
    },
  };
  const running = await startDaemonProcess(config, pino({ level: 'silent' }));
  place.onEnd(() => running.stop({ keep: false }));
  return running;
}
