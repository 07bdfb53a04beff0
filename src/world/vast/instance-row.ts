import { diskUsdPerHour } from './offer.ts';
import { publishedPorts } from './creation.ts';
import type { Row } from './offer-query.ts';
import type { Rental } from './rental.ts';

/** Columns that `select_filters` refuses, because they are computed for each answer. */
export const computedColumns: ReadonlySet<string> = new Set([
  'dph_total',
  'num_gpus',
  'gpu_name',
  'uptime_mins',
  'duration',
]);

/** An instance as show and list answer it. Source: docs/reference/vast.md "Show and list". */
export function instanceRow(rental: Rental, nowMs: number): Row {
  const { offer, order, instanceId } = rental.terms;
  const running = rental.actualStatus === 'running';
  const diskHour = diskUsdPerHour(offer, order.diskGb);
  // The allocation is there at once, whatever the container does: `cur_state` says nothing about readiness.
  const allocation = rental.intendedStatus;
  return {
    id: instanceId,
    label: rental.label === '' ? null : rental.label,
    machine_id: offer.machine_id,
    host_id: offer.host_id,
    bundle_id: offer.machine_id * 7 + offer.num_gpus,
    actual_status: rental.actualStatus,
    intended_status: rental.intendedStatus,
    cur_state: allocation,
    next_state: allocation,
    status_msg: rental.statusMsg,
    image_uuid: order.image,
    image_args: [],
    image_runtype: order.withSsh ? `ssh ${order.runtype}` : order.runtype,
    extra_env: Object.entries(order.env),
    onstart: order.onstart,
    ssh_host: order.withSsh ? '127.0.0.1' : null,
    ssh_port: order.withSsh ? (rental.endpoints?.sshPort ?? null) : null,
    ssh_idx: '5',
    machine_dir_ssh_port: rental.endpoints?.directPort ?? null,
    public_ipaddr: '127.0.0.1\n',
    local_ipaddrs: '192.168.1.17 172.17.0.1 \n',
    ports: running ? portMap(rental) : null,
    direct_port_start: -1,
    direct_port_end: -1,
    direct_port_count: offer.direct_port_count,
    static_ip: offer.hosting_type > 0,
    start_date: rental.createdAt / 1000,
    end_date: rental.createdAt / 1000 + offer.duration,
    uptime_mins: rental.runningAt === null ? null : (nowMs - rental.runningAt) / 60_000,
    gpu_util: running ? 0 : null,
    disk_usage: -1,
    dph_base: offer.dph_base,
    dph_total: offer.dph_base + diskHour,
    storage_cost: offer.storage_cost,
    storage_total_cost: diskHour,
    is_bid: false,
    gpu_name: offer.gpu_name,
    num_gpus: offer.num_gpus,
    gpu_ram: offer.gpu_ram,
    inet_down: offer.inet_down,
    inet_down_cost: offer.inet_down_cost,
    inet_up_cost: offer.inet_up_cost,
    reliability2: offer.reliability2,
    geolocation: offer.geolocation,
  };
}

/** 22/tcp only on machines with open ports: elsewhere the proxy is the one way in. HostPort is a string. */
function portMap(rental: Rental): Row {
  const { offer, order } = rental.terms;
  const map: Record<string, unknown> = {};
  if (offer.direct_port_count === 0 || !rental.endpoints) return map;
  const at = (port: number): unknown => [
    { HostIp: '0.0.0.0', HostPort: String(port) },
    { HostIp: '::', HostPort: String(port) },
  ];
  if (order.withSsh && /direc/.test(order.runtype)) map['22/tcp'] = at(rental.endpoints.directPort);
  for (const { port, protocol } of publishedPorts(order.env)) {
    const outside = port >= 70_000 ? port : 20_000 + ((rental.instanceId * 131 + port * 17) % 40_000);
    map[`${port}/${protocol}`] = at(outside);
  }
  return map;
}
