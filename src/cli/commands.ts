import { editDistance } from '../config/names.ts';
import type { Command } from './command.ts';

/** Every command by name, loaded only when it is asked for. */
const loaders: Readonly<Record<string, () => Promise<{ readonly command: Command }>>> = {
  init: () => import('./init.ts'),
  doctor: () => import('./doctor.ts'),
  start: () => import('./start.ts'),
  status: () => import('./status.ts'),
  logs: () => import('./logs.ts'),
  plan: () => import('./plan.ts'),
  monitor: () => import('./monitor.ts'),
  offers: () => import('./offers.ts'),
  hosts: () => import('./hosts.ts'),
  epochs: () => import('./epochs.ts'),
  leases: () => import('./leases.ts'),
  instances: () => import('./instances.ts'),
  alerts: () => import('./alerts.ts'),
  rent: () => import('./rent.ts'),
  release: () => import('./release.ts'),
  nodes: () => import('./nodes.ts'),
  models: () => import('./models.ts'),
  chat: () => import('./chat.ts'),
  rehearse: () => import('./rehearse.ts'),
  demo: () => import('./demo.ts'),
  conformance: () => import('./conformance.ts'),
  simulate: () => import('./simulate.ts'),
  sandbox: () => import('./sandbox.ts'),
  service: () => import('./service.ts'),
  completion: () => import('./completion.ts'),
  version: () => import('./version.ts'),
};

export const commandNames: readonly string[] = Object.keys(loaders);

/** `undefined` for a word that is no command. */
export async function loadCommand(name: string): Promise<Command | undefined> {
  const load = Object.hasOwn(loaders, name) ? loaders[name] : undefined;
  return (await load?.())?.command;
}

/** The command that a mistyped word was probably meant to be. */
export function nearestCommand(word: string): string | undefined {
  const near = commandNames
    .map((name) => ({
      name,
      distance: editDistance(word, name),
      stretch: Math.abs(word.length - name.length),
    }))
    .filter(({ distance }) => distance <= 2)
    .toSorted((a, b) => a.distance - b.distance || a.stretch - b.stretch);
  return near[0]?.name;
}
