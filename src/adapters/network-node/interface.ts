/** Node definition of the admin API (docs/reference/protocol.md "Node configuration object"). */
export interface NodeDefinition {
  readonly id: string;
  /** Bare name or IP, never a URL. */
  readonly host: string;
  readonly inferencePort: number;
  readonly inferenceSegment: string;
  readonly pocPort: number;
  readonly pocSegment: string;
  /** Governance model id → vLLM arguments. At least one. */
  readonly models: Readonly<Record<string, { readonly args: readonly string[] }>>;
  readonly maxConcurrent: number;
  readonly hardware: readonly { readonly type: string; readonly count: number }[];
}

/** One row of `GET /admin/v1/nodes`. */
export interface ListedNode {
  readonly definition: NodeDefinition;
  readonly nodeNum: number;
  readonly intendedStatus: string;
  readonly currentStatus: string;
  readonly pocCurrentStatus: string | null;
  readonly failureReason: string;
  readonly isEnabled: boolean;
  /** It keeps serving inference through the next PoC and needs no machine; null or absent = not known beforehand. */
  readonly isPreserved?: boolean | null;
}

/** The host's own Network Node: its private admin API and its private callback port. */
export interface NetworkNode {
  /** Throws NETWORK_NODE_UNREACHABLE, NETWORK_NODE_BAD_ANSWER (some other service answers). */
  nodes(signal: AbortSignal): Promise<readonly ListedNode[]>;
  /** `POST /admin/v1/nodes`: an upsert by id. Throws also NETWORK_NODE_REFUSED with the reason it gave. */
  upsert(definition: NodeDefinition, signal: AbortSignal): Promise<void>;
  /** `DELETE /admin/v1/nodes/{id}`; true when it was there. Blocks while a command is in flight there. */
  remove(id: string, signal: AbortSignal): Promise<boolean>;
  /**
   * Posts one callback. `url` is absolute (its path and query are sent byte for byte), the body's bytes are sent
   * untouched as `application/json`. Resolves on 2xx. Throws CALLBACK_REFUSED (400: never will be taken) or
   * CALLBACK_NOT_TAKEN (anything else, no answer included: send again).
   */
  deliver(callback: { readonly url: string; readonly body: Buffer }, signal: AbortSignal): Promise<void>;
}
