import type { NodeConfig, NodeRecord } from './node-record.ts';

export class NodeRefused extends Error {
  override readonly name = 'NodeRefused';
}

/** The registered nodes, numbered in order of registration. The numbers do not survive a restart; the rest does. */
export class NodeRegistry {
  readonly #governanceModels: ReadonlySet<string>;
  readonly #nodes = new Map<string, NodeRecord>();
  #lastNodeNum = 0;
  constructor(governanceModels: readonly string[]) {
    this.#governanceModels = new Set(governanceModels);
  }

  all(): readonly NodeRecord[] {
    return [...this.#nodes.values()];
  }

  get(id: string): NodeRecord | undefined {
    return this.#nodes.get(id);
  }

  byNodeNum(nodeNum: number): NodeRecord | undefined {
    return this.all().find((node) => node.nodeNum === nodeNum);
  }

  /** `node_count` of an init request: so that every NodeNum is below it. */
  nodeCount(): number {
    return 1 + Math.max(0, ...this.all().map((node) => node.nodeNum));
  }

  /** Creates; models outside governance are dropped. Throws NodeRefused. */
  create(config: NodeConfig, epoch: number, isInEpochGroup: boolean): NodeRecord {
    this.#check(config);
    const models = Object.fromEntries(
      Object.entries(config.models).filter(([model]) => this.#governanceModels.has(model)),
    );
    if (Object.keys(models).length === 0) {
      throw new NodeRefused(`node ${config.id} has no governance-valid models`);
    }
    this.#lastNodeNum += 1;
    const node: NodeRecord = {
      config: { ...config, models },
      nodeNum: this.#lastNodeNum,
      adminState: { enabled: true, epoch },
      intended: { status: 'UNKNOWN', poc: 'IDLE' },
      current: { status: 'UNKNOWN', poc: 'IDLE' },
      statusAtMs: 0,
      failureReason: '',
      inFlight: undefined,
      lockCount: 0,
      isInEpochGroup,
      isServingInPoc: false,
      isLeaving: false,
    };
    this.#nodes.set(config.id, node);
    return node;
  }

  /** Changes the definition in place: number, admin state and run-time state stay. Throws NodeRefused. */
  update(node: NodeRecord, config: NodeConfig): void {
    this.#check(config);
    const foreign = Object.keys(config.models).find((model) => !this.#governanceModels.has(model));
    if (foreign !== undefined) throw new NodeRefused(`model ${foreign} is not a valid governance model`);
    node.config = config;
  }

  books(): Record<string, unknown>[] {
    return this.all().map(({ config, nodeNum, current, intended }) => ({
      id: config.id,
      nodeNum,
      current,
      intended,
    }));
  }

  remove(id: string): void {
    this.#nodes.delete(id);
  }

  /** A restart of the program: everybody is loaded again in order, enabled, with new numbers and unknown states. */
  reload(epoch: number): void {
    const before = this.all();
    this.#nodes.clear();
    this.#lastNodeNum = 0;
    for (const node of before) this.create(node.config, epoch, node.isInEpochGroup);
  }

  #check(config: NodeConfig): void {
    const wrong = fieldFault(config) ?? this.#addressFault(config);
    if (wrong !== undefined) throw new NodeRefused(wrong);
  }

  #addressFault(config: NodeConfig): string | undefined {
    for (const { config: other } of this.#nodes.values()) {
      if (other.id === config.id || other.host !== config.host) continue;
      if (other.inference_port === config.inference_port) {
        return `duplicate inference host+port ${config.host}:${config.inference_port} with node '${other.id}'`;
      }
      if (other.poc_port === config.poc_port) {
        return `duplicate PoC host+port ${config.host}:${config.poc_port} with node '${other.id}'`;
      }
    }
    return undefined;
  }
}

function fieldFault(config: NodeConfig): string | undefined {
  const isPort = (port: number): boolean => port >= 1 && port <= 65_535;
  if (config.id.trim() === '') return 'node id is required and cannot be empty';
  if (config.host.trim() === '') return 'host is required and cannot be empty';
  if (!isPort(config.inference_port))
    return `inference_port must be between 1 and 65535, got ${config.inference_port}`;
  if (!isPort(config.poc_port)) return `poc_port must be between 1 and 65535, got ${config.poc_port}`;
  if (config.max_concurrent <= 0)
    return `max_concurrent must be greater than 0, got ${config.max_concurrent}`;
  return Object.keys(config.models).length === 0 ? 'at least one model must be specified' : undefined;
}
