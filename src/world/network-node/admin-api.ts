import { json, type WorldOutcome, type WorldRequest } from '../exchange.ts';
import { BadBody, boundBody, nodeConfigOf } from './node-config-body.ts';
import { nodeRow, type NodeView } from './node-list.ts';
import type { NodeConfig, NodeRecord } from './node-record.ts';
import { NodeRefused, type NodeRegistry } from './node-registry.ts';

export interface AdminApiContext {
  readonly registry: NodeRegistry;
  /** Index of the latest epoch, 0 while the chain is not synced. */
  latestEpoch(): number;
  /** Whether the chain's epoch group knows a node that is registered now. */
  isInEpochGroup(id: string): boolean;
  /** What the chain says of the node. */
  nodeView(node: NodeRecord): NodeView;
  /** Something changed: reconcile soon. */
  onChange(): void;
  /** Resolves when the node's commands have ended. */
  idle(node: NodeRecord): Promise<void>;
  /** Whether the node answers `state` under a version prefix. */
  isAlive(node: NodeRecord, version: string): Promise<{ is_alive: boolean; error: string }>;
  config(): Record<string, unknown>;
}

type Handler = (context: AdminApiContext, request: WorldRequest, id: string) => Promise<WorldOutcome>;

/** Paths below `/admin/v1` in the router's order of preference, with the methods that they have; all others are 405. */
const routes: readonly (readonly [RegExp, Readonly<Record<string, Handler>>])[] = [
  [/^\/nodes$/, { GET: list, POST: upsert }],
  [/^\/nodes\/batch$/, { POST: batch }],
  [/^\/nodes\/upgrade-status$/, { GET: upgradeStatus }],
  [/^\/nodes\/version-status$/, { POST: versionStatus }],
  [/^\/nodes\/([^/]+)\/enable$/, { POST: setEnabled(true) }],
  [/^\/nodes\/([^/]+)\/disable$/, { POST: setEnabled(false) }],
  [/^\/nodes\/([^/]+)$/, { PUT: upsert, DELETE: remove }],
  [/^\/config$/, { GET: config }],
];

/** The private admin API (docs/reference/protocol.md "Admin API"). */
export function createAdminApi(context: AdminApiContext): (request: WorldRequest) => Promise<WorldOutcome> {
  return async (request) => {
    const path = request.path.split('?', 1)[0] ?? '';
    const below = path.startsWith('/admin/v1') ? path.slice('/admin/v1'.length) : '';
    const matches = routes.filter(([pattern]) => pattern.test(below));
    if (matches.length === 0) return json(404, { error: 'Not Found' });
    const match = matches.find(([, methods]) => methods[request.method] !== undefined);
    const handler = match?.[1][request.method];
    if (match === undefined || handler === undefined) return json(405, { error: 'Method Not Allowed' });
    try {
      const id = decodeURIComponent(match[0].exec(below)?.[1] ?? '');
      return await handler(context, request, id);
    } catch (error) {
      if (error instanceof BadBody || error instanceof URIError) return json(400, { error: error.message });
      throw error;
    }
  };
}

async function list(context: AdminApiContext): Promise<WorldOutcome> {
  return json(
    200,
    context.registry.all().map((node) => nodeRow(node, context.nodeView(node))),
  );
}

/** The id in a PUT's path is not looked at: the body's decides. */
async function upsert(context: AdminApiContext, request: WorldRequest): Promise<WorldOutcome> {
  const config = nodeConfigOf(boundBody(request.headers['content-type'], request.body));
  const isUpdate = context.registry.get(config.id) !== undefined;
  try {
    const node = put(context, config);
    return json(200, node.config);
  } catch (error) {
    if (!(error instanceof NodeRefused)) throw error;
    if (isUpdate) return json(500, { error: `failed to update node: ${error.message}` });
    return json(400, { error: `failed to create node: ${error.message}` });
  }
}

async function batch(context: AdminApiContext, request: WorldRequest): Promise<WorldOutcome> {
  const body = boundBody(request.headers['content-type'], request.body);
  if (!Array.isArray(body)) throw new BadBody('code=400, message=Unmarshal type error: expected=[]node');
  const nodes: NodeConfig[] = [];
  const errors: string[] = [];
  for (const [position, config] of body.map(nodeConfigOf).entries()) {
    try {
      nodes.push(put(context, config).config);
    } catch (error) {
      if (!(error instanceof NodeRefused)) throw error;
      errors.push(`node[${position}] (id: ${config.id}): ${error.message}`);
    }
  }
  if (errors.length === 0) return json(201, nodes);
  if (nodes.length > 0) return json(206, { nodes, errors });
  return json(400, { error: { error: 'all nodes failed validation', errors } });
}

function put(context: AdminApiContext, config: NodeConfig): NodeRecord {
  const known = context.registry.get(config.id);
  if (known !== undefined) context.registry.update(known, config);
  const node =
    known ?? context.registry.create(config, context.latestEpoch(), context.isInEpochGroup(config.id));
  context.onChange();
  return node;
}

/** `true` or `false`, not the node; waits for the node's commands. */
async function remove(context: AdminApiContext, _request: WorldRequest, id: string): Promise<WorldOutcome> {
  const node = context.registry.get(id);
  if (node === undefined) return json(200, false);
  node.isLeaving = true;
  await context.idle(node);
  context.registry.remove(id);
  return json(200, true);
}

function setEnabled(enabled: boolean): Handler {
  return async (context, _request, id) => {
    const node = context.registry.get(id);
    if (node === undefined) return json(404, { error: `node not found: ${id}` });
    node.adminState = { enabled, epoch: context.latestEpoch() };
    context.onChange();
    return json(200, { message: `node ${enabled ? 'enabled' : 'disabled'} successfully`, node_id: id });
  };
}

async function upgradeStatus(): Promise<WorldOutcome> {
  return json(200, { message: 'No upgrade plan active' });
}

async function versionStatus(context: AdminApiContext, request: WorldRequest): Promise<WorldOutcome> {
  const body = boundBody(request.headers['content-type'], request.body) as { version?: unknown } | null;
  const version = body?.version;
  if (typeof version !== 'string' || version === '') return json(400, { error: 'Version field is required' });
  const rows = context.registry
    .all()
    .map(async (node) => [node.config.id, await context.isAlive(node, version)] as const);
  return json(200, Object.fromEntries(await Promise.all(rows)));
}

async function config(context: AdminApiContext): Promise<WorldOutcome> {
  return json(200, context.config());
}
