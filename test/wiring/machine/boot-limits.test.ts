import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createSsh } from '../../../src/adapters/ssh/index.ts';
import type { LeaseContext } from '../../../src/machines/lease-context.ts';
import { serveNeighbour, type ServedNeighbour } from '../../../src/sandbox/http-neighbour.ts';
import { ScaledClock } from '../../../src/sandbox/scaled-clock.ts';
import { MlnodeWorld } from '../../../src/world/machine/mlnode.ts';
import { Random } from '../../../src/world/random.ts';
import { freePort } from '../../../src/sandbox/free-port.ts';
import type { SshMachine } from '../../support/ssh-machine.ts';
import { startSshServer } from '../../support/ssh-server.ts';
import { RecordingHost } from '../../world/vast/recording-host.ts';
import { DaemonCase } from '../daemon-case.ts';

/** Containers all of which are one and the same SSH server. */
class SshHost extends RecordingHost {
  machine: SshMachine | undefined;
  override async start(...[spec]: Parameters<RecordingHost['start']>) {
    await super.start(spec);
    const port = this.machine?.port ?? 1;
    return { sshPort: port, directPort: port };
  }
}

describe('a machine that runs but is of no use', () => {
  const host = new SshHost();
  let daemons: DaemonCase;
  let mlnode: ServedNeighbour | undefined;

  beforeEach(async () => {
    daemons = await DaemonCase.build({
      host,
      settings: {
        POC_PREP_TIME: '10800',
        MAX_POC_DURATION: '86400',
        VASTAI_SSH_READY_TIMEOUT: '600',
        VASTAI_SSH_AUTH_GRACE: '40',
        MLNODE_STARTUP_TIMEOUT: '60',
      },
      chain: { firstPocStartHeight: 2_090_500, params: { epochLength: 15_391 } },
    });
  });
  afterEach(async () => {
    await daemons.close();
    await mlnode?.close();
    await host.machine?.close();
    mlnode = undefined;
  });

  const ownKey = (): string => createSsh({ keyPath: daemons.town.keyPath }).publicKey();

  /** The first machine once it is gone and another one is rented. */
  async function firstReturned(settings: Readonly<Record<string, string>>): Promise<LeaseContext> {
    await daemons.start(settings);
    const [first, second] = await daemons.leases(
      (leases) => leases.length > 1 && leases[0]?.value === 'gone',
    );
    expect(second?.offer.machineId).not.toBe(first?.offer.machineId);
    return first!;
  }

  it('because it goes on refusing the key is returned after VASTAI_SSH_AUTH_GRACE', async () => {
    host.machine = await startSshServer([]);
    const { fault, runningAt } = await firstReturned({ MLNODE_PORT: `${await freePort()}` });
    expect(fault).toMatchObject({
      code: 'SSH_AUTH_REFUSED',
      message: expect.stringContaining(`127.0.0.1:${host.machine.port}`),
    });
    const refusals = daemons.daemon.rows.journalSince(0, 1_000);
    const ended = refusals.find(
      ({ event }) => (event['error'] as { code?: string })?.code === 'SSH_AUTH_REFUSED',
    );
    const waitedMs = ended!.at - runningAt!;
    expect(waitedMs).toBeGreaterThan(40_000);
    expect(waitedMs).toBeLessThan(600_000);
  });

  it('because its ML node never answers is returned after MLNODE_STARTUP_TIMEOUT', async () => {
    host.machine = await startSshServer([ownKey()]);
    const { fault } = await firstReturned({ MLNODE_PORT: `${await freePort()}` });
    expect(fault).toMatchObject({
      code: 'MACHINE_NEVER_BOOTED',
      message: 'the start of the ML node took too long',
    });
  });

  it('because it shows no GPU is returned', async () => {
    host.machine = await startSshServer([ownKey()]);
    const world = new MlnodeWorld({
      clock: new ScaledClock({ originMs: daemons.town.originMs, speed: 200 }),
      random: new Random(1),
      gpus: [],
      post: () => Promise.reject(new Error('nothing to post')),
    });
    mlnode = await serveNeighbour(world, { port: 0 });
    // More than the host of this test may have.
    const { fault } = await firstReturned({
      MLNODE_PORT: `${mlnode.port}`,
      VASTAI_NUM_GPUS: '8',
      VASTAI_MAX_PRICE: '60',
      MAX_DAILY_SPEND: '2000',
    });
    expect(fault).toMatchObject({
      code: 'MACHINE_NO_GPU',
      message: expect.stringMatching(/^nvidia-smi shows \d of 8 GPUs/),
    });
  });
});
