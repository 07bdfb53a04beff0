import type { Config } from '../../src/config/config.ts';
import { loadConfig } from '../../src/config/load.ts';
import { Place } from './place.ts';

/** One setting, two values of it, and what somebody outside of `src/config` sees of them. */
export interface Knob {
  readonly name: string;
  /** What is looked at, in words. */
  readonly seen: string;
  /**
   * '' = unset. A place fills in: `{one}`, `{two}` host and port of an ear, `{mail}`, `{otherMail}` port of a mail
   * server, `{loginMail}` of one that demands a login, `{port}`, `{otherPort}` free ports, `{key}`, `{otherKey}` files of SSH keys, `{dir}` a directory.
   */
  readonly values: readonly [string, string];
  /** Settings beside it, the same for both. */
  readonly given?: Readonly<Record<string, string>>;
  /** What is seen; compared as JSON. */
  observe(config: Config, place: Place): unknown;
}

const enough = {
  HYPERBOLIC_API_KEY: 'upstream-canary',
  VASTAI_API_KEY: 'vast-canary',
  VASTAI_SSH_KEY_PATH: '{key}',
  VPS_IP: '10.0.0.21',
  RENTAL_POLICY: 'sprint',
  // A default that names real hosts would be looked up.
  HYPERBOLIC_BASE_URL: 'http://127.0.0.1:9',
  GONKA_NETWORK_NODE_URL: 'http://127.0.0.1:9',
};

/** What is seen with these settings, as JSON in which everything that a place lends has its placeholder for a name. */
export async function seenWith(knob: Knob, settings: Readonly<Record<string, string>>): Promise<string> {
  const place = new Place();
  try {
    // Whatever either value names is there for both, so that only what is done with it can differ.
    for (const value of knob.values) await place.filled({ [knob.name]: value });
    const env = await place.filled({ ...enough, HOME: '{dir}', ...knob.given, ...settings });
    const { config } = loadConfig({ env, cwd: place.dir, files: [] });
    return place.named(JSON.stringify(await knob.observe(config, place)) ?? 'nothing');
  } finally {
    await place.close();
  }
}
