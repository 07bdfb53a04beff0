import { alertSettings } from './names-alerts.ts';
import { daemonSettings } from './names-daemon.ts';
import { fleetSettings } from './names-fleet.ts';
import { formerSettings } from './names-former.ts';
import { gatewaySettings } from './names-gateway.ts';
import { modelSettings } from './names-model.ts';
import { rentalSettings } from './names-rental.ts';
import type { Setting } from './setting.ts';
import { upstreamSettings } from './names-upstream.ts';

/** Every environment name that is known, each once. Configuration page and `.env.example` are printed from it. */
export const settings: readonly Setting[] = [
  ...daemonSettings,
  ...upstreamSettings,
  ...gatewaySettings,
  ...rentalSettings,
  ...modelSettings,
  ...fleetSettings,
  ...alertSettings,
  ...formerSettings,
];

const byName = new Map(settings.map((setting) => [setting.name, setting]));

export const settingOf = (name: string): Setting | undefined => byName.get(name);

/** The name itself, then its other spellings in the order in which they count. */
export const spellingsOf = (name: string): readonly string[] => [
  name,
  ...settings.filter((setting) => setting.aliasOf === name).map((setting) => setting.name),
];

/** An unknown name that begins so was meant for this daemon. */
const prefixes = [
  'HYPERBOLIC_',
  'UPSTREAM_',
  'VASTAI_',
  'GONKA_',
  'MLNODE_',
  'VLLM_',
  'POC_',
  'ALERT_',
  'ALERTS_',
  'INSPECTION_',
  'RENTAL_',
  'GPU_',
  'EXECUTOR_',
  'GATEWAY_',
  'HARDWARE_',
  'LEASE_',
  'CHAIN_',
  'ALLOW_',
  'CALLER_',
  'MODEL_',
];
export const isOurs = (name: string): boolean => prefixes.some((prefix) => name.startsWith(prefix));

/** The known name that an unknown one was probably meant to be: at most two letters (in long names three) away. */
export function nearestName(unknown: string): string | undefined {
  const limit = unknown.length >= 14 ? 3 : 2;
  let best: { name: string; distance: number } | undefined;
  for (const { name } of settings) {
    const distance = editDistance(unknown.toUpperCase(), name);
    if (distance <= limit && (best === undefined || distance < best.distance)) best = { name, distance };
  }
  return best?.name;
}

/** Levenshtein, one row at a time. */
export function editDistance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (let i = 1; i <= from.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= to.length; j += 1) {
      const replaced = (row[j - 1] ?? 0) + (from[i - 1] === to[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[to.length] ?? 0;
}
