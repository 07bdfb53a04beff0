import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { once } from 'node:events';

/** A TCP proxy on loopback whose connections can be frozen: bytes stop both ways, no FIN, no reset. */
export interface FreezingProxy {
  readonly port: number;
  /** Freezes the connections that are open now, for good; later ones pass. */
  freeze(): void;
  /** Closes the connections that are open now. */
  cut(): void;
  close(): void;
}

export async function startFreezingProxy(targetPort: number): Promise<FreezingProxy> {
  const open = new Set<{ ends: readonly [Socket, Socket]; isFrozen: boolean }>();
  const server = createServer((client) => {
    const pair = { ends: [client, connect(targetPort, '127.0.0.1')] as const, isFrozen: false };
    open.add(pair);
    for (const [from, to] of [pair.ends, [pair.ends[1], pair.ends[0]] as const]) {
      from.on('data', (chunk) => to.write(chunk));
      from.on('error', () => undefined);
      from.on('close', () => pair.isFrozen || to.destroy());
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const cut = (): void => {
    for (const { ends } of open) for (const end of ends) end.destroy();
    open.clear();
  };
  return {
    port: (server.address() as AddressInfo).port,
    freeze: () => {
      for (const pair of open) {
        pair.isFrozen = true;
        for (const end of pair.ends) end.pause();
      }
    },
    cut,
    close: () => {
      cut();
      server.close();
    },
  };
}
