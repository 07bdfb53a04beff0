import { statSync } from 'node:fs';
import { createServer } from 'node:net';
import { createSsh } from '../../adapters/ssh/index.ts';
import { storedDeployment } from '../deployment-of.ts';
import { type Check, error, failed, type Finding, ok, type Patient, warning } from './finding.ts';

const gigabyte = 1024 ** 3;
/** The store with a full journal, and room to work (docs/operating.md). */
const disk = { error: 0.25 * gigabyte, warning: 2 * gigabyte };

export const diskCheck: Check = async ({ config, host }) => {
  const free = host.freeBytes(config.stateDir);
  const text = `${(free / gigabyte).toFixed(1)} GB free at STATE_DIR ${config.stateDir}`;
  const fix = 'free some space, or set STATE_DIR to another disk';
  if (free < disk.error) return [error('state.disk', text, fix)];
  return [free < disk.warning ? warning('state.disk', text, fix) : ok('state.disk', text)];
};

export const deploymentCheck: Check = async ({ config }) => {
  const stored = storedDeployment(config.stateDir);
  const { deploymentId: configured } = config;
  const check = 'state.deployment';
  if (stored !== undefined && configured !== undefined && stored !== configured)
    return [
      error(
        check,
        `DEPLOYMENT_ID is ${configured}, the store in STATE_DIR belongs to ${stored}`,
        `set DEPLOYMENT_ID=${stored}, or another STATE_DIR`,
      ),
    ];
  if (configured !== undefined) return [ok(check, `DEPLOYMENT_ID is ${configured}`)];
  const message = 'DEPLOYMENT_ID is in no settings file: a lost store would not know its machines';
  const line = stored === undefined ? 'run "hybrid-mlnode init"' : `add DEPLOYMENT_ID=${stored} to .env`;
  return [warning(check, message, line)];
};

export const sshKeyCheck: Check = async ({ config }) => {
  if (config.rental.policy === 'off') return [];
  const { sshKeyPath } = config.vast;
  const check = 'sshKey';
  try {
    createSsh({ keyPath: sshKeyPath }).publicKey();
  } catch (thrown) {
    return [
      failed(check, thrown, 'run "hybrid-mlnode init", which makes one, or correct VASTAI_SSH_KEY_PATH'),
    ];
  }
  if ((statSync(sshKeyPath).mode & 0o077) !== 0)
    return [warning(check, `${sshKeyPath} can be read by others`, `chmod 600 ${sshKeyPath}`)];
  return [ok(check, `${sshKeyPath} is a private key`)];
};

/** Each port is free, or held by the daemon that runs on these settings. */
export const portsCheck: Check = async (patient) => {
  const { node, inspection } = patient.config;
  const wanted: readonly [string, string, number, string][] = [
    ['gateway.port', node.gatewayHost, node.gatewayPort, 'HYPERBOLIC_PROXY_PORT'],
    ...(node.inferencePort === undefined
      ? []
      : [['inference.port', node.gatewayHost, node.inferencePort, 'INFERENCE_PORT'] as const]),
    ['inspection.port', inspection.host, inspection.port, 'INSPECTION_PORT'],
  ].map(([check, host, port, name]) => [String(check), String(host), Number(port), String(name)]);
  return Promise.all(wanted.map((port) => portFinding(port, patient)));
};

async function portFinding(
  [check, host, port, setting]: readonly [string, string, number, string],
  { isDaemonUp }: Patient,
): Promise<Finding> {
  const problem = await bindProblem(host, port);
  if (problem === undefined) return ok(check, `${host}:${port} is free`);
  if (problem === 'EADDRINUSE' && isDaemonUp)
    return ok(check, `${host}:${port} is held by the running daemon`);
  return error(
    check,
    `cannot listen on ${host}:${port} (${problem})`,
    `stop the program that holds it (ss -ltnp), or set ${setting}`,
  );
}

function bindProblem(host: string, port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (thrown: NodeJS.ErrnoException) => resolve(thrown.code ?? thrown.message));
    server.listen(port, host, () => server.close(() => resolve(undefined)));
  });
}
