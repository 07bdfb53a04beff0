import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Offer } from '../../src/adapters/vast/interface.ts';
import type { Config } from '../../src/config/config.ts';
import type { LeaseInput } from '../../src/machines/lease-context.ts';
import { openSqliteStore, type SqliteStore } from '../../src/runtime/sqlite-store.ts';
import { createSystemClock } from '../../src/runtime/system-clock.ts';
import { gigabytes, megabytes, microUsd, microUsdPerHour, milliseconds, unixMs } from '../../src/units.ts';
import { createDaemon, type Daemon } from '../../src/wiring/daemon.ts';
import { createHttpNeighbours } from '../../src/wiring/http-neighbours.ts';
import { leaseRow, tunnelRow } from '../../src/wiring/row-names.ts';
import { freePort } from '../../src/sandbox/free-port.ts';
import { sshdPath } from '../support/sshd.ts';
import { type FrozenMachine, listenerOn, startFrozenMachine } from './frozen-machine.ts';
import { type RecordingNetworkNode, recordingNetworkNode } from './registration/recording-network-node.ts';
import { buildSmallTown, silent, type SmallTown } from './small-town.ts';

const isPossible = sshdPath !== undefined && process.platform === 'linux';
if (!isPossible)
  console.warn('SKIPPED: PoC over a frozen peer, which needs a real sshd on Linux (openssh-server)');

/** Slow enough for a reconnect on a busy computer: a tunnel that stays away for 300 s is a lost machine. */
const speed = 20;
const testLimitMs = 60_000;
const leaseId = '01FROZENPEER';
/** So far away that no window closes while the test runs. */
const pocStartHeight = 3_000_000;

describe.skipIf(!isPossible)('a machine whose network freezes in the middle of generation', () => {
  let town: SmallTown;
  let machine: FrozenMachine;
  let networkNode: RecordingNetworkNode;
  let config: Config;
  let callbackPort: number;
  let store: SqliteStore;
  let daemon: Daemon;

  beforeEach(async () => {
    const originMs = Date.now();
    machine = await startFrozenMachine({ originMs, speed });
    networkNode = await recordingNetworkNode();
    town = await buildSmallTown({
      speed,
      host: machine.host,
      chain: { firstPocStartHeight: pocStartHeight, params: { epochLength: 2_000_000 } },
    });
    config = await town.config({
      VASTAI_SSH_KEY_PATH: machine.keyPath,
      MLNODE_PORT: `${machine.mlnodePort}`,
      REGISTRATION: 'off',
    });
    callbackPort = await freePort();
    await startDaemon();
    await rent();
  });

  afterEach(async () => {
    machine.network.cut();
    await daemon.stop();
    store.close();
    networkNode.close();
    await town.close();
    await machine.close();
  });

  /** The daemon without its listeners, on the same store each time. */
  async function startDaemon(): Promise<void> {
    const clock = createSystemClock({ scale: speed, originMs: town.originMs });
    store = openSqliteStore(join(town.dir, 'hybrid.sqlite'));
    daemon = createDaemon({
      config,
      deploymentId: 'frozen',
      store,
      clock,
      neighbours: { ...createHttpNeighbours(config, clock), ssh: machine.ssh },
      log: silent,
      isInferenceHealthy: () => true,
    });
    daemon.start();
  }

  async function rent(): Promise<void> {
    const { signal } = new AbortController();
    const clock = createSystemClock({ scale: speed, originMs: town.originMs });
    const { vast, ssh } = { ...createHttpNeighbours(config, clock), ssh: machine.ssh };
    await vast.ensureSshKey(ssh.publicKey(), signal);
    const [offer] = await vast.search(needs, signal);
    if (offer === undefined) throw new Error('an empty market');
    // A machine that no live PoC owns goes back with the next head.
    await until(() => daemon.rows.rows({ chart: 'epoch' }).length === 1);
    const owner = daemon.rows.rows({ chart: 'epoch' })[0]!.id;
    daemon.rows.open('lease', leaseRow(leaseId), leaseOf(offer, owner, callbackPort));
    await untilLease('held');
  }

  function untilLease(state: string): Promise<void> {
    return until(() => Object.keys(Object(daemon.rows.row(leaseRow(leaseId))?.value)).includes(state));
  }
  const untilTunnel = (state: string): Promise<void> =>
    until(() => daemon.volatileRows.row(tunnelRow(leaseId))?.value === state);

  /** Looked at after each step of either runtime. */
  function until(isSo: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      const look = (): void => {
        if (!isSo()) return;
        for (const leave of subscriptions) leave();
        resolve();
      };
      const subscriptions = [daemon.rows.onStep(look), daemon.volatileRows.onStep(look)];
      look();
    });
  }

  const delivered = (kind: string) => networkNode.received.filter(({ path }) => path.endsWith(kind)).length;
  const untilDelivered = (count: number, kind = '/generated'): Promise<void> =>
    networkNode.until(() => delivered(kind) >= count);

  async function generate(): Promise<void> {
    await daemon.desk.stop();
    const body = initBody(networkNode.origin);
    expect(await daemon.desk.pow('init/generate', body)).toMatchObject({ kind: 'answer', status: 200 });
    await untilDelivered(3);
  }

  /** Bytes stop both ways, no FIN; resolves when the machine posts a batch into that silence. */
  async function freeze(): Promise<void> {
    machine.network.freeze();
    const known = new Set(machine.poc().callbacks.map(({ hash }) => hash));
    await vi.waitFor(() => {
      const hanging = machine
        .poc()
        .callbacks.filter(({ hash, answered }) => !known.has(hash) && answered === null);
      expect(hanging).toHaveLength(1);
    }, 20_000);
  }

  /** What the Network Node does once generation is over: the same init again, then another host's batch. */
  async function validate(): Promise<void> {
    // What the sender has not posted when the phase changes stays with it; so it is let finish first.
    await untilAllAnswered();
    const body = initBody(networkNode.origin);
    expect(await daemon.desk.pow('init/validate', body)).toMatchObject({ kind: 'answer', status: 200 });
    expect(await daemon.desk.pow('validate', foreignBatch)).toMatchObject({ kind: 'answer', status: 200 });
    await untilDelivered(1, '/validated');
  }

  /** Resolves at a moment at which the machine has an answer to everything that it posted. */
  const untilAllAnswered = (): Promise<void> =>
    vi.waitFor(() => {
      const unanswered = machine.poc().callbacks.filter(({ ackedAt }) => ackedAt === null);
      expect(unanswered).toEqual([]);
    }, 20_000);

  async function expectNothingLost(): Promise<void> {
    // The relay's answer to the machine travels beside the delivery: it may come in after it.
    await untilAllAnswered();
    const poc = machine.poc();
    expect(poc).toMatchObject({ modelLoads: 1, initBodies: 1, validationsDone: 1 });
    const inits = machine.asked.filter(({ path }) => path.startsWith('/api/v1/pow/init/'));
    expect(inits.map(({ path }) => path.slice('/api/v1/pow/'.length))).toEqual([
      'init/generate',
      'init/validate',
    ]);
    expect(inits[1]!.body).toBe(inits[0]!.body);
    expect(JSON.parse(inits[0]!.body)).toEqual({
      ...(JSON.parse(initBody(networkNode.origin)) as object),
      url: `http://127.0.0.1:${callbackPort}/v1/poc-batches`,
    });
    const at = new Set(networkNode.received.map(({ hash, path }) => `${path} ${hash}`));
    expect(poc.callbacks.length).toBeGreaterThan(6);
    expect(poc.callbacks.some(({ posts }) => posts > 1)).toBe(true);
    for (const { kind, hash, answered } of poc.callbacks) {
      expect(answered).toBe(200);
      expect(at).toContain(`/v1/poc-batches/${kind} ${hash}`);
    }
    expect(daemon.outbox.totals()).toMatchObject({ refused: 0, expired: 0 });
    expect(daemon.post.foreignCount()).toBe(0);
    expect(daemon.rows.alerts()).toEqual([]);
  }

  it(
    'is reached again on the same callback port: no model reload, no batch lost',
    async () => {
      await generate();
      const bound = listenerOn(callbackPort);
      await freeze();
      await untilTunnel('backoff');
      expect(daemon.volatileRows.row(tunnelRow(leaseId))?.context).toMatchObject({
        fault: { code: 'SSH_LOST', message: expect.stringMatching(/keepalive/i) },
      });
      // Nobody told the machine: its sshd still holds the listener of the frozen connection.
      expect(bound).toBeDefined();
      expect(listenerOn(callbackPort)).toBe(bound);
      const before = delivered('/generated');

      await untilTunnel('open');
      expect(listenerOn(callbackPort)).toEqual(expect.any(String));
      expect(listenerOn(callbackPort)).not.toBe(bound);
      await untilDelivered(before + 3);
      await validate();
      await expectNothingLost();
    },
    testLimitMs,
  );

  it(
    'is reached again by a daemon that was restarted meanwhile: no model reload, no batch lost',
    async () => {
      await generate();
      const bound = listenerOn(callbackPort);
      await freeze();
      await daemon.stop();
      store.close();
      expect(listenerOn(callbackPort)).toBe(bound);
      const before = delivered('/generated');

      await startDaemon();
      expect(daemon.desk.view()).toMatchObject({ state: 'POW', pow: { status: 'GENERATING' } });
      await untilTunnel('open');
      expect(listenerOn(callbackPort)).not.toBe(bound);
      await untilDelivered(before + 3);
      await validate();
      await expectNothingLost();
    },
    testLimitMs,
  );
});

const needs = {
  gpuRamMbMin: megabytes(24_000),
  gpuTotalRamMbMin: megabytes(38_000),
  diskGb: gigabytes(40),
  priceMax: microUsdPerHour(10_000_000),
  reliabilityMin: 0.9,
  inetDownMbpsMin: 100,
  durationSecondsMin: 86_400,
};

const leaseOf = (offer: Offer, owner: string, callbackPort: number): LeaseInput => ({
  leaseId,
  label: `ghm:frozen:${leaseId}:1`,
  owner,
  offer: { ...offer, gpuCount: 1, trafficUsd: 0 },
  callbackPort,
  ttlMs: milliseconds(3_600_000),
  reserved: microUsd(5_000_000),
  openedAt: unixMs(Date.now()),
  limits: {
    loadMs: milliseconds(600_000),
    connectMs: milliseconds(300_000),
    authGraceMs: milliseconds(60_000),
    startMs: milliseconds(300_000),
  },
});

const poc = { block_hash: 'A1B2C3', block_height: pocStartHeight, public_key: '02ab' };

/** The blanks are the sender's own: they must come through as they are. */
const initBody = (origin: string): string =>
  JSON.stringify(
    {
      node_id: 3,
      node_count: 7,
      ...poc,
      batch_size: 100,
      r_target: 1.398077,
      fraud_threshold: 1e-7,
      params: {
        dim: 1792,
        n_layers: 64,
        n_heads: 64,
        n_kv_heads: 64,
        vocab_size: 8196,
        ffn_dim_multiplier: 10,
        multiple_of: 8192,
        norm_eps: 1e-5,
        rope_theta: 10_000,
        use_scaled_rope: false,
        seq_len: 256,
      },
      url: `${origin}/v1/poc-batches`,
    },
    null,
    1,
  );

const foreignBatch = JSON.stringify({
  ...poc,
  public_key: '03cd',
  nonces: [5, 12],
  dist: [1.1, 1.2],
  node_id: 0,
});
