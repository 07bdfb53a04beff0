/**
 * Where rented containers run. Vast.ai's side knows only this port: a process of its own for each container in the
 * sandbox, an object in the simulation.
 */
export interface MachineHost {
  /**
   * Starts a container: its SSH server (reachable through the proxy at `sshPort` and directly at `directPort`, both
   * on loopback) and its `onstart`. Called at the moment when the container begins to run. Rejects when the host
   * cannot start it.
   */
  start(spec: MachineSpec): Promise<MachineEndpoints>;
  /** Adds one `authorized_keys` line to a running container. A container that is not there is no error. */
  attachKey(instanceId: number, key: string): Promise<void>;
  /** Kills the container with everything in it; its last books, or undefined when it never ran or is gone already. */
  stop(instanceId: number): Promise<MachineBooks | undefined>;
  /** Books of every container that ever ran, in the order of their starts. */
  books(): Promise<readonly MachineBooks[]>;
}

/** What a container is made of. The sandbox hands it to the machine's process as one line of JSON. */
export interface MachineSpec {
  readonly instanceId: number;
  /** May start, stop and destroy this instance only; the container sees it as `CONTAINER_API_KEY`. */
  readonly containerApiKey: string;
  readonly label: string;
  readonly image: string;
  readonly gpuName: string;
  readonly gpuCount: number;
  /** Of one GPU. */
  readonly gpuRamMb: number;
  /** Mb/s at which the host gets weights from the Internet. Absent = 1 000. */
  readonly inetDownMbps?: number;
  /** The create body's `env` without its docker flags (`-p …`, `-h …`). Vast.ai's own variables are not in it. */
  readonly env: Readonly<Record<string, string>>;
  /** Shell text, run on each container start. Empty = nothing starts, as the image's entrypoint does not run. */
  readonly onstart: string;
  /** `authorized_keys` lines: those of the account at creation and those attached since. */
  readonly authorizedKeys: readonly string[];
  /**
   * Container ports that outsiders reach in plain text: 8080 in every SSH run type (through the proxy, one above
   * its SSH port) and those of `-p` entries. Source: docs/reference/vast.md "SSH and networking".
   */
  readonly publishedPorts: readonly number[];
}

export interface MachineEndpoints {
  /** Port behind `ssh_host`. */
  readonly sshPort: number;
  /** Outside port of 22/tcp on `public_ipaddr`. */
  readonly directPort: number;
}

/** A container's own account of itself; only the traffic concerns the bill. */
export interface MachineBooks {
  readonly instanceId: number;
  /** GB that the container fetched (model weights); billed at `inet_down_cost`. Absent = none. */
  readonly downloadedGb?: number;
  readonly uploadedGb?: number;
  readonly [entry: string]: unknown;
}
