import { connect, createServer, type Server, type Socket } from 'node:net';
import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { RegistrationContext } from '../../../src/machines/registration.ts';
import { freePort } from '../../../src/sandbox/free-port.ts';
import { DaemonCase } from '../daemon-case.ts';
import { untilStep } from '../until-step.ts';

const address = `gonka1${'q'.repeat(38)}`;

interface Row {
  readonly node: {
    readonly id: string;
    readonly host: string;
    readonly node_num: number;
    readonly hardware: unknown;
  };
}

describe('the node at the admin API', () => {
  let daemons: DaemonCase;
  const relays: { server: Server; sockets: Set<Socket> }[] = [];
  beforeEach(async () => {
    daemons = await DaemonCase.build({
      speed: 500,
      settings: { RENTAL_POLICY: 'off' },
      chain: { accounts: { [address]: { pubkey: 'A1', balance: 5 } } },
    });
  });
  afterEach(async () => {
    await daemons.close();
    for (const { server, sockets } of relays.splice(0)) {
      for (const socket of sockets) socket.destroy();
      server.close();
    }
  });

  const nodesUrl = (): string => `${daemons.town.url('networkNode')}/admin/v1/nodes`;
  const listed = async (): Promise<readonly Row[]> =>
    (await (await fetch(nodesUrl())).json()) as readonly Row[];
  const context = (): RegistrationContext =>
    daemons.daemon.rows.row('registration')?.context as RegistrationContext;
  const registered = (): Promise<void> =>
    untilStep(daemons.daemon, () => daemons.daemon.rows.row('registration')?.value === 'registered');
  /** The next time that the list agrees, after something was done to it. */
  async function repaired(): Promise<void> {
    await untilStep(daemons.daemon, () => daemons.daemon.rows.row('registration')?.value === 'registering');
    await registered();
  }

  /** What listens at another address of this host: passes bytes on to `port`, or answers for itself. */
  async function listenAt(host: string, port: number, answer?: string): Promise<void> {
    const sockets = new Set<Socket>();
    const server = createServer((socket) => {
      sockets.add(socket);
      socket.on('error', () => socket.destroy());
      if (answer !== undefined) {
        socket.on('data', () => socket.end(answer));
        return;
      }
      const onward = connect(port, '127.0.0.1');
      sockets.add(onward);
      onward.on('error', () => socket.destroy());
      socket.pipe(onward).pipe(socket);
    });
    server.listen(port, host);
    await once(server, 'listening');
    relays.push({ server, sockets });
  }

  it('is there once the daemon found itself at the address, as it was defined', async () => {
    const config = await daemons.town.config();
    await daemons.startWith(config);
    await registered();
    const [row] = await listed();
    expect(row?.node).toMatchObject({ host: '127.0.0.1', poc_port: config.node.gatewayPort });
    expect(daemons.alerts()).toEqual([]);
  });

  it('is there on two ports, when inference has its own', async () => {
    const config = await daemons.town.config();
    const inferencePort = await freePort();
    await daemons.startWith({ ...config, node: { ...config.node, inferencePort } });
    await registered();
    expect((await listed())[0]?.node).toMatchObject({ inference_port: inferencePort });
  });

  it('is not registered at an address where nothing listens; once something leads here, it is', async () => {
    const config = await daemons.town.config({ VPS_IP: '127.0.0.2' });
    await daemons.startWith(config);
    const alert = await daemons.alert('registration');
    expect(alert.code).toBe('REGISTRATION_UNREACHABLE');
    expect(alert.message).toContain(`http://127.0.0.2:${config.node.gatewayPort}/api/v1/state`);
    expect(await listed()).toEqual([]);
    await listenAt('127.0.0.2', config.node.gatewayPort);
    await daemons.noAlert('registration');
    expect((await listed()).map(({ node }) => node.host)).toEqual(['127.0.0.2']);
  });

  it('is not registered at an address where another ML node answers, however alike', async () => {
    const config = await daemons.town.config({ VPS_IP: '127.0.0.2' });
    const body = '{"state":"INFERENCE"}';
    const answer = `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`;
    await listenAt('127.0.0.2', config.node.gatewayPort, answer);
    await daemons.startWith(config);
    expect((await daemons.alert('registration')).message).toContain('something else answers there, with 200');
    expect(await listed()).toEqual([]);
  });

  it('comes back when it vanishes, with the number that it has now and the one that it had', async () => {
    const config = await daemons.town.config();
    await daemons.startWith(config);
    await registered();
    const before = context().nodeNum;
    const [row] = await listed();
    await fetch(`${nodesUrl()}/${config.node.id}`, { method: 'DELETE' });
    await repaired();
    const [again] = await listed();
    expect(again?.node).toEqual({ ...row?.node, node_num: again?.node.node_num });
    expect(context()).toMatchObject({ nodeNum: again?.node.node_num, formerNodeNum: before });
    expect(context().nodeNum).not.toBe(before);
  });

  it('is put right when it differs, but for the hardware, which belongs to the Network Node', async () => {
    const config = await daemons.town.config();
    await daemons.startWith(config);
    await registered();
    const [row] = await listed();
    const write = (change: object): Promise<Response> =>
      fetch(nodesUrl(), {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ ...row?.node, ...change }),
      });
    const hardware = [{ type: 'NVIDIA H100 80GB HBM3 | 79GB', count: 1 }];
    expect((await write({ hardware })).status).toBe(200);
    // Two whole looks at the list.
    for (let look = 0; look < 2; look += 1) {
      await untilStep(daemons.daemon, () => daemons.daemon.rows.row('registration')?.value === 'checking');
      await registered();
    }
    expect((await listed())[0]?.node.hardware).toEqual(hardware);
    expect((await write({ host: '10.9.9.9', hardware })).status).toBe(200);
    await repaired();
    expect((await listed())[0]?.node.host).toBe('127.0.0.1');
    expect(context()).toMatchObject({ formerNodeNum: null, differences: [] });
  });

  it('stands while the chain does not know the host account, which is said', async () => {
    const unknown = `gonka1${'p'.repeat(38)}`;
    await daemons.start({ GONKA_HOST_ADDRESS: unknown, RENTAL_POLICY: 'sprint' });
    const alert = await daemons.alert('participant');
    expect(alert.code).toBe('PARTICIPANT_MISSING');
    expect(alert.message).toContain(unknown);
    await registered();
    await untilStep(daemons.daemon, () => daemons.daemon.rows.rows({ chart: 'epoch' }).length > 0);
  });

  it('raises no alert about an account that the chain knows', async () => {
    await daemons.start({ GONKA_HOST_ADDRESS: address });
    await untilStep(daemons.daemon, () => daemons.daemon.volatileRows.row('participant')?.value === 'known');
    expect(daemons.alerts()).toEqual([]);
  });
});
