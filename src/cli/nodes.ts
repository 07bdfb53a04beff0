import { createNetworkNode } from '../adapters/network-node/index.ts';
import type { ListedNode, NetworkNode, NodeDefinition } from '../adapters/network-node/interface.ts';
import { compare, nodeDefinition } from '../wiring/registration/registration-effects.ts';
import { parseArguments, UsageError } from './arguments.ts';
import type { Command, CommandIo } from './command.ts';
import { confirmed } from './confirmation.ts';
import { exitCodes } from './exit-codes.ts';
import { isStale, staleReason } from './stale-node.ts';
import { operatorSettings } from './operator-settings.ts';
import { createPaint } from './paint.ts';
import { reachNode } from './reach-node.ts';
import { table } from './table.ts';
import { whileWanted } from './stop-request.ts';

const help = `
Usage: hybrid-mlnode nodes [list|check|register|clean [<id>...]] [options]

Registrations at the admin API of the host's Network Node (GONKA_ADMIN_API_URL). No daemon has to run.

  list      every node, ours marked (the default)
  check     whether ours is listed as the settings want it, and what else stands in its way
  register  adds or corrects ours, unless nobody answers at its address; the daemon does this by itself
  clean     removes registrations that earlier tools left behind (vastai-…, a proxy under our address), or those named;
            never ours: it would lose its number and miss the next PoC

Options:
  --yes   do not ask
  --json  one JSON object

Examples:
  hybrid-mlnode nodes
  hybrid-mlnode nodes check --json
  hybrid-mlnode nodes clean vastai-mlnode-123 --yes

Exit codes: 0 done, and with check: as wanted; 1 the admin API does not answer, or not as wanted; 2 wrong arguments,
settings, or not confirmed.
`;

const words = ['list', 'check', 'register', 'clean'] as const;

/** What every part of this command works with. */
interface Desk {
  readonly networkNode: NetworkNode;
  readonly wanted: NodeDefinition;
  readonly isYes: boolean;
  readonly isJson: boolean;
  readonly io: CommandIo;
  readonly signal: AbortSignal;
}

export const command: Command = {
  name: 'nodes',
  summary: 'List, check, register or clean the registrations at the Network Node.',
  help: help.trimStart(),
  run: async (args, io) => {
    const options = {
      yes: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
    } as const;
    const { values, positionals } = parseArguments(
      args,
      options,
      Array.from({ length: 100 }, () => 'id?'),
    );
    const [word = 'list', ...ids] = positionals;
    const act = acts[words.find((known) => known === word) ?? 'none'];
    if (act === undefined) throw new UsageError(`"${word}" is none of ${words.join(', ')}`);
    if (ids.length > 0 && word !== 'clean') throw new UsageError(`unexpected word "${ids[0]}"`);
    const { config } = operatorSettings(io);
    const networkNode = createNetworkNode({ adminUrl: config.networkNode.adminUrl });
    const wanted = nodeDefinition(config);
    return whileWanted(io, (signal) =>
      act({ networkNode, wanted, isYes: values.yes, isJson: values.json, io, signal }, ids),
    );
  },
};

type Act = (desk: Desk, ids: readonly string[]) => Promise<number>;
const acts: Readonly<Record<(typeof words)[number], Act>> & { readonly none?: Act } = {
  list: async ({ networkNode, wanted, isJson, io, signal }) => {
    const nodes = await networkNode.nodes(signal);
    const paint = createPaint(io.stdout, io.env);
    const rows = nodes.map((node) => cells(node, wanted));
    if (isJson) io.stdout.write(`${JSON.stringify({ ours: wanted.id, nodes })}\n`);
    else io.stdout.write(rows.length === 0 ? 'no nodes are registered\n' : table(head, rows, paint));
    return exitCodes.ok;
  },

  check: async ({ networkNode, wanted, isJson, io, signal }) => {
    const nodes = await networkNode.nodes(signal);
    const { isListed, differences, nodeNum } = compare(wanted, nodes);
    const stale = nodes.filter((node) => isStale(node, wanted)).map((node) => reasoned(node, wanted));
    const isFine = isListed && differences.length === 0 && stale.length === 0;
    if (isJson)
      io.stdout.write(`${JSON.stringify({ id: wanted.id, isListed, differences, nodeNum, stale })}\n`);
    else if (!isListed)
      io.stdout.write(`${wanted.id} is not registered: start the daemon, or "nodes register"\n`);
    else if (differences.length > 0)
      io.stdout.write(`${wanted.id} differs in ${differences.join(', ')}: "nodes register" corrects it\n`);
    else io.stdout.write(`${wanted.id} is registered as wanted, with number ${nodeNum}\n`);
    if (!isJson) for (const { id, why } of stale) io.stdout.write(`${id} ${why}: "nodes clean" removes it\n`);
    return isFine ? exitCodes.ok : exitCodes.failed;
  },

  register: async (desk) => {
    const { networkNode, wanted, isYes, isJson, io, signal } = desk;
    const before = compare(wanted, await networkNode.nodes(signal));
    if (!before.isListed || before.differences.length > 0) {
      await confirmed(`This registers ${wanted.id} at ${wanted.host}:${wanted.pocPort}.`, isYes, io);
      await reachNode(wanted, signal);
      await networkNode.upsert(wanted, signal);
    }
    const after = compare(wanted, await networkNode.nodes(signal));
    const isFine = after.isListed && after.differences.length === 0;
    if (isJson) io.stdout.write(`${JSON.stringify({ id: wanted.id, ...after })}\n`);
    else if (isFine) io.stdout.write(`${wanted.id} is registered as wanted, with number ${after.nodeNum}\n`);
    else io.stderr.write(`${wanted.id} still differs in ${after.differences.join(', ')}\n`);
    return isFine ? exitCodes.ok : exitCodes.failed;
  },

  clean: async (desk, ids) => {
    const { networkNode, wanted, isYes, isJson, io, signal } = desk;
    if (ids.includes(wanted.id))
      throw new UsageError(`${wanted.id} is this node: it would miss the next PoC`);
    const nodes = await networkNode.nodes(signal);
    const unknown = ids.find((id) => !nodes.some((node) => node.definition.id === id));
    if (unknown !== undefined) throw new UsageError(`no node is called ${unknown}`);
    const meant = nodes
      .filter((node) => (ids.length === 0 ? isStale(node, wanted) : ids.includes(node.definition.id)))
      .map((node) => node.definition.id);
    if (meant.length > 0)
      await confirmed(`This removes ${meant.join(', ')} from the Network Node.`, isYes, io);
    for (const id of meant) await networkNode.remove(id, signal);
    const left = (await networkNode.nodes(signal)).map((node) => node.definition.id);
    const removed = meant.filter((id) => !left.includes(id));
    if (isJson) io.stdout.write(`${JSON.stringify({ removed })}\n`);
    else if (removed.length === 0) io.stdout.write('nothing to remove\n');
    else io.stdout.write(`removed: ${removed.join(', ')}\n`);
    return removed.length === meant.length ? exitCodes.ok : exitCodes.failed;
  },
};

const head = ['ID', 'NUMBER', 'ADDRESS', 'STATE', 'WANTED', 'POC', 'NOTE'];

function cells(node: ListedNode, wanted: NodeDefinition): string[] {
  const { id, host, pocPort } = node.definition;
  return [
    id,
    String(node.nodeNum),
    `${host}:${pocPort}`,
    node.currentStatus,
    node.intendedStatus,
    node.pocCurrentStatus ?? '-',
    id === wanted.id ? 'ours' : (staleReason(node, wanted) ?? (node.isEnabled ? '' : 'disabled')),
  ];
}

const reasoned = (node: ListedNode, wanted: NodeDefinition): { id: string; why: string } => ({
  id: node.definition.id,
  why: staleReason(node, wanted) ?? '',
});
