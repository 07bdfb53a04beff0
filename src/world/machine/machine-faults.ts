import { FaultBoard, type FaultDescription } from '../neighbour.ts';

/** What can go wrong with a rented machine (docs/reference/vast.md "Failure evidence"). */
export const machineFaults: readonly FaultDescription[] = [
  { name: 'authNever', sentence: 'While 1, no key is ever accepted although the key exchange works.' },
  { name: 'authLate', sentence: 'Keys are refused until this many world milliseconds after SSH opened.' },
  { name: 'directBroken', sentence: 'While 1, the direct SSH port drops every connection before a byte.' },
  { name: 'proxyBroken', sentence: 'While 1, the proxied SSH port drops every connection before a byte.' },
  {
    name: 'frozen',
    sentence:
      'While 1, SSH neither answers nor closes; a peer that gives up meanwhile is never noticed (no FIN).',
  },
  {
    name: 'hostKeyChanges',
    sentence: 'This many of the next SSH connections each show a host key never seen before.',
  },
  {
    name: 'gpuBroken',
    sentence: 'While 1, the driver does not answer: nvidia-smi fails and no model loads.',
  },
  { name: 'mlnodeNeverStarts', sentence: 'While 1, the server process lives but never opens its port.' },
  { name: 'dies', sentence: 'Setting 1 ends the server process once; its state is lost.' },
  { name: 'sshDies', sentence: 'Setting 1 closes every SSH connection once.' },
];

/** The fault board of a machine; some of its faults act at the moment when they are switched. */
export class MachineFaultBoard extends FaultBoard {
  readonly #watchers = new Set<(name: string, value: number) => void>();
  /** `more`: the faults of the server that runs on the machine. */
  constructor(more: readonly FaultDescription[] = []) {
    super([...machineFaults, ...more]);
  }
  /** Gives back how to stop watching. */
  onChange(watcher: (name: string, value: number) => void): () => void {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  }
  override set(name: string, value: number): void {
    super.set(name, value);
    for (const watcher of this.#watchers) watcher(name, value);
  }
  is(name: string): boolean {
    return this.get(name) > 0;
  }
}
