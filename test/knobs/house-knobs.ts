import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { operatorSettings } from '../../src/cli/operator-settings.ts';
import type { Config } from '../../src/config/config.ts';
import { root } from '../house/source-files.ts';
import { daemonWith } from './daemon-process.ts';
import { order } from './rental.ts';
import type { Knob } from './knob.ts';
import type { Place } from './place.ts';

/** Whether lines of the log come before the daemon says where it is. */
function logged(_config: Config, place: Place): Promise<unknown> {
  const program = spawn(process.execPath, ['src/main.ts', 'start', '--log-json'], {
    cwd: root,
    env: { PATH: process.env['PATH'], ...place.env },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  place.onEnd(
    () =>
      new Promise((resolve) => {
        program.on('exit', resolve);
        program.kill('SIGKILL');
      }),
  );
  return new Promise((resolve, reject) => {
    let said = '';
    program.on('exit', () => reject(new Error(`the daemon ended: ${said}`)));
    program.stderr.on('data', (bytes: Buffer) => {
      said += bytes.toString();
      if (said.includes('inference by')) resolve(said.includes('upstream.unreachable_at_start'));
    });
  });
}

const sandbox = {
  GONKA_NETWORK_NODE_URL: 'http://127.0.0.1:8000',
  GONKA_ADMIN_API_URL: 'http://127.0.0.1:9200',
  VASTAI_BASE_URL: 'http://127.0.0.1:7000',
};
const state = { STATE_DIR: '{dir}/state' };

/** Store, inspection, log, and the clock of the sandbox. */
export const houseKnobs: readonly Knob[] = [
  {
    name: 'STATE_DIR',
    seen: 'where the store is',
    values: ['{dir}/one', '{dir}/two'],
    observe: async (config, place) => {
      await daemonWith(config, place);
      return ['one', 'two'].map((name) => existsSync(join(place.dir, name, 'hybrid.sqlite')));
    },
  },
  {
    name: 'DEPLOYMENT_ID',
    seen: 'whose machines the daemon takes for its own',
    values: ['deployment-one', 'deployment-two'],
    given: state,
    observe: async (config, place) => (await daemonWith(config, place)).deploymentId,
  },
  {
    name: 'INSPECTION_HOST',
    seen: 'the address that answers',
    values: ['127.0.0.1', '127.0.0.2'],
    given: { ...state, INSPECTION_PORT: '{port}' },
    observe: async (config, place) => (await daemonWith(config, place)).inspectionUrl,
  },
  {
    name: 'INSPECTION_PORT',
    seen: 'the address that answers',
    values: ['{port}', '{otherPort}'],
    given: state,
    observe: async (config, place) => {
      const { inspectionUrl } = await daemonWith(config, place);
      return [inspectionUrl, (await fetch(`${inspectionUrl}/livez`)).status];
    },
  },
  {
    name: 'INSPECTION_TOKEN',
    seen: 'what somebody without a token is answered',
    values: ['', 'a-long-random-text'],
    given: state,
    observe: async (config, place) => {
      const { inspectionUrl } = await daemonWith(config, place);
      return (await fetch(`${inspectionUrl}/v1/state`)).status;
    },
  },
  {
    name: 'LOG_LEVEL',
    seen: 'whether a daemon whose inference API is away says so',
    values: ['warn', 'silent'],
    given: {
      ...state,
      RENTAL_POLICY: 'off',
      REGISTRATION: 'off',
      DEPLOYMENT_ID: 'knobs',
      GATEWAY_HOST: '127.0.0.1',
      HYPERBOLIC_PROXY_PORT: '{port}',
      INSPECTION_PORT: '{otherPort}',
    },
    observe: logged,
  },
  {
    name: 'TIME_SCALE',
    seen: 'how long a machine lives by its own clock',
    values: ['1', '60'],
    given: { ...sandbox, TIME_ORIGIN_MS: '1767225600000' },
    observe: order,
  },
  {
    name: 'TIME_ORIGIN_MS',
    seen: 'what time the clock shows',
    values: ['1000000000000', '1500000000000'],
    given: { ...sandbox, TIME_SCALE: '2' },
    observe: (_config, { env, dir }) => {
      const { clock } = operatorSettings({ env, cwd: dir, stderr: process.stderr });
      // To some three years: the clock runs meanwhile.
      return Math.round(clock.now() / 1e11);
    },
  },
];
