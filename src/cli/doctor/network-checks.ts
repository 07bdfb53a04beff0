import { lookup } from 'node:dns/promises';
import { BlockList, isIP } from 'node:net';
import { type Check, error, type HostListener, ok, warning } from './finding.ts';

/** Ports of the Network Node that nobody outside may reach (docs/operating.md "Ports"). */
const privatePorts = { 9100: 'callbacks', 9200: 'the admin API' } as const;

/** What a stranger could reach on this host; whether a firewall stands in front cannot be seen from inside. */
export const exposureCheck: Check = async ({ config, host }) => {
  const check = 'exposure';
  const listeners = host.listeners();
  if (listeners === undefined)
    return [warning(check, 'the listeners of this host cannot be read', 'look yourself: ss -ltn')];
  const outside = host.addresses().filter((address) => !isPrivate(address));
  if (outside.length === 0) return [ok(check, 'this host has no public address')];
  const open = (port: number): boolean => listeners.some((one) => one.port === port && isOpen(one, outside));
  const findings = Object.entries(privatePorts)
    .filter(([port]) => open(Number(port)))
    .map(([port, what]) =>
      warning(
        check,
        `port ${port} (${what} of the Network Node, without any login) listens on ${outside[0]}`,
        `publish it on a private address only, or close it in the firewall in front (docker publishes past ufw): anyone could act for this host`,
      ),
    );
  const { gatewayPort } = config.node;
  const admitsAll = [...config.access.from, ...config.access.managementFrom].some(
    ({ prefix }) => prefix === 0,
  );
  if (admitsAll && open(gatewayPort))
    findings.push(
      warning(
        check,
        `the gateway on ${outside[0]}:${gatewayPort} admits every address`,
        'narrow ALLOW_FROM and ALLOW_MANAGEMENT_FROM to the Network Node',
      ),
    );
  if (findings.length > 0) return findings;
  return [ok(check, `9100 and 9200 do not listen on ${outside.join(', ')}`)];
};

/** The address that is registered must be one of this host, or at least have a meaning. */
export const addressCheck: Check = async ({ config, host }) => {
  const { host: name } = config.node;
  if (config.registration === 'off') return [];
  const check = 'address';
  const found = await resolved(name);
  if (found.length === 0)
    return [
      error(
        check,
        `VPS_IP ${name} does not resolve`,
        'set it to the address at which the Network Node reaches this host',
      ),
    ];
  const own = host.addresses();
  if (found.some((address) => own.includes(address) || address.startsWith('127.')))
    return [ok(check, `VPS_IP ${name} is an address of this host`)];
  return [
    warning(
      check,
      `VPS_IP ${name} is no address of this host's interfaces`,
      'fine behind NAT that forwards the gateway port; else correct it',
    ),
  ];
};

const lookupTimeoutMs = 3_000;

async function resolved(name: string): Promise<readonly string[]> {
  if (isIP(name) !== 0) return [name];
  const late = new Promise<readonly string[]>((resolve) => {
    setTimeout(() => resolve([]), lookupTimeoutMs).unref();
  });
  const found = lookup(name, { all: true }).then(
    (entries) => entries.map(({ address }) => address),
    () => [],
  );
  return Promise.race([found, late]);
}

const isOpen = ({ address }: HostListener, outside: readonly string[]): boolean =>
  address === '0.0.0.0' || address === '::' || outside.includes(address);

const home = new BlockList();
for (const [net, prefix] of [
  ['10.0.0.0', 8],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['100.64.0.0', 10],
] as const)
  home.addSubnet(net, prefix, 'ipv4');
for (const [net, prefix] of [
  ['fc00::', 7],
  ['fe80::', 10],
  ['::1', 128],
] as const)
  home.addSubnet(net, prefix, 'ipv6');

export const isPrivate = (address: string): boolean =>
  home.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');
