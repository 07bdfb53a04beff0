import { microUsdPerHourOfDollars } from '../../units.ts';
import type { Endpoint, Instance } from './interface.ts';
import { idOf, numberOf, rowOf, textOf } from './wire-number.ts';

const fieldsOf = (row: Readonly<Record<string, unknown>>) => ({
  id: idOf(row['id']),
  label: textOf(row['label']),
  machine_id: idOf(row['machine_id']),
  actual_status: textOf(row['actual_status']),
  intended_status: textOf(row['intended_status']),
  cur_state: textOf(row['cur_state']),
  status_msg: textOf(row['status_msg']),
  dph_total: numberOf(row['dph_total']),
  dph_base: numberOf(row['dph_base']),
  storage_total_cost: numberOf(row['storage_total_cost']),
  ssh_host: textOf(row['ssh_host']),
  ssh_port: numberOf(row['ssh_port']),
  image_runtype: textOf(row['image_runtype']),
  public_ipaddr: textOf(row['public_ipaddr']),
  ports: row['ports'],
});
type InstanceFields = ReturnType<typeof fieldsOf>;

/**
 * One row of the list; undefined when it has no id. What else is missing reads as null, a missing price as 0, a
 * missing machine id as 0. Source: docs/reference/vast.md "Show and list".
 */
export function readInstance(row: unknown): Instance | undefined {
  const read = rowOf(row);
  const fields = read && fieldsOf(read);
  if (fields === undefined || fields.id === null) return undefined;
  return {
    instanceId: fields.id,
    label: fields.label,
    machineId: fields.machine_id ?? 0,
    actualStatus: fields.actual_status,
    intendedStatus: fields.intended_status,
    curState: fields.cur_state,
    statusMsg: fields.status_msg,
    price: microUsdPerHourOfDollars(Math.max(0, priceUsd(fields))),
    endpoints: fields.actual_status === 'running' ? endpointsOf(fields) : [],
  };
}

function priceUsd(fields: InstanceFields): number {
  return fields.dph_total ?? (fields.dph_base ?? 0) + (fields.storage_total_cost ?? 0);
}

/**
 * The two ways in, each with its own host and port: the direct port works on the machine's address only, the proxy's
 * on the proxy only. Source: docs/reference/vast.md "SSH and networking".
 */
function endpointsOf(fields: InstanceFields): Endpoint[] {
  const endpoints: Endpoint[] = [];
  const address = fields.public_ipaddr?.trim();
  const directPort = hostPort(fields.ports);
  if (address && directPort !== undefined) endpoints.push({ via: 'direct', host: address, port: directPort });
  const proxy = fields.ssh_host?.trim();
  const shift = fields.image_runtype?.includes('jupyter') ? 1 : 0;
  const proxyPort = fields.ssh_port === null ? undefined : portNumber(fields.ssh_port + shift);
  if (proxy && proxyPort !== undefined) endpoints.push({ via: 'proxy', host: proxy, port: proxyPort });
  return endpoints;
}

/** `{"22/tcp":[{"HostIp":"0.0.0.0","HostPort":"20000"}]}`; null, `{}` and other shapes have no direct port. */
function hostPort(ports: unknown): number | undefined {
  const bound = (ports as Record<string, unknown> | null | undefined)?.['22/tcp'];
  const first = Array.isArray(bound) ? (bound[0] as { HostPort?: unknown } | undefined) : undefined;
  return portNumber(Number(first?.HostPort ?? Number.NaN));
}

function portNumber(port: number): number | undefined {
  return Number.isInteger(port) && port > 0 && port < 65_536 ? port : undefined;
}
