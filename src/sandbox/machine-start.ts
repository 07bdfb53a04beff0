import type { PocV2Rate } from '../world/machine/mlnode-vllm.ts';
import type { MachineSpec } from '../world/vast/machine-host.ts';

/** What a machine's process is told when it starts: the container, and how this machine behaves. */
export interface MachineStart extends MachineSpec {
  /**
   * Origins of the host's loopback that stand for the Internet, for example the sandbox's Vast.ai. Default: those
   * written out in `onstart` and `env`, except with a port that these name as the server's own.
   */
  readonly publicOrigins?: readonly string[];
  /** Faults that are there from the start: name → value. */
  readonly faults?: Readonly<Record<string, number>>;
  /** World milliseconds; defaults as `MachineAccessOptions` and `MachineMlnodeOptions` say. */
  readonly sshOpenMs?: number;
  readonly authLateMs?: number;
  readonly mlnodeStartMs?: number;
  readonly modelLoadMs?: number;
  readonly inferenceStartMs?: number;
  /** How much PoC v2 this machine plays. */
  readonly pocV2?: PocV2Rate;
}

/** The "Internet" of this machine, see `MachineStart.publicOrigins`. */
export function publicOriginsOf(start: MachineStart): readonly string[] {
  if (start.publicOrigins) return start.publicOrigins.map((url) => new URL(url).origin);
  const text = [start.onstart, ...Object.entries(start.env).map(([name, value]) => `${name}=${value}`)].join(
    '\n',
  );
  const ownPorts = new Set([...text.matchAll(/port[= ]["']?(\d+)/gi)].map((match) => match[1]));
  const urls = [...text.matchAll(/https?:\/\/[\w.-]+(?::(\d+))?/g)].filter(
    (match) => !ownPorts.has(match[1]),
  );
  return [...new Set(urls.map((match) => new URL(match[0]).origin))];
}

/** Throws an Error that names the field which is missing or has the wrong type. */
export function checkMachineStart(start: object): void {
  const given = start as Readonly<Record<string, unknown>>;
  for (const [name, type] of Object.entries(fieldTypes)) {
    if (typeof given[name] !== type || given[name] === null) {
      throw new Error(`the machine's description: ${name} must be a ${type}`);
    }
  }
  const { authorizedKeys } = given;
  const isKeyList = Array.isArray(authorizedKeys) && authorizedKeys.every((key) => typeof key === 'string');
  if (!isKeyList) throw new Error("the machine's description: authorizedKeys must be an array of lines");
}

const fieldTypes = {
  instanceId: 'number',
  containerApiKey: 'string',
  label: 'string',
  image: 'string',
  gpuName: 'string',
  gpuCount: 'number',
  gpuRamMb: 'number',
  env: 'object',
  onstart: 'string',
};
