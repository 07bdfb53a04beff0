import { describe, expect, test } from 'vitest';
import { verdict, type Instance } from '../../../src/adapters/vast/index.ts';
import { microUsdPerHour } from '../../../src/units.ts';

const instance = (states: Partial<Instance>): Instance => ({
  instanceId: 1,
  label: 'l',
  machineId: 2,
  actualStatus: null,
  intendedStatus: 'running',
  curState: 'running',
  statusMsg: null,
  price: microUsdPerHour(400_000),
  endpoints: [],
  ...states,
});

describe('what an instance’s states say', () => {
  test.each<[string, Partial<Instance>]>([
    ['V8: cur_state running while nothing runs yet', { actualStatus: null, curState: 'running' }],
    ['V8: cur_state running while it pulls', { actualStatus: 'loading', curState: 'running' }],
    [
      'V10: loading, however long',
      { actualStatus: 'loading', statusMsg: 'abc: Downloading [=> ] 1GB/9GB image' },
    ],
    ['created without a word', { actualStatus: 'created' }],
    ['blank', { actualStatus: '', intendedStatus: null, statusMsg: '' }],
    ['a word that nobody documented', { actualStatus: 'scheduling' }],
    ['rebooting', { actualStatus: 'rebooting' }],
    [
      'a success line before the state follows',
      { actualStatus: 'loading', statusMsg: 'success, running x/y:1/ssh' },
    ],
    ['running, but what was asked is unknown', { actualStatus: 'running', intendedStatus: null }],
  ])('pending: %s', (_, states) => {
    expect(verdict(instance(states))).toEqual({ kind: 'pending' });
  });

  test.each<[string, Partial<Instance>]>([
    ['V9: with a message that names the image', { statusMsg: 'success, running repo/image:tag/ssh' }],
    [
      'V9: with an image whose name looks like an error',
      { statusMsg: 'success, running repo/unauthorized:not_found/ssh' },
    ],
    ['whatever an old message says', { statusMsg: 'Error response from daemon: manifest unknown' }],
    ['without a message', { statusMsg: null }],
  ])('running %s', (_, states) => {
    expect(verdict(instance({ actualStatus: 'running', ...states }))).toEqual({ kind: 'running' });
  });

  test.each<[string, Partial<Instance>]>([
    [
      'V12: an OCI failure while created',
      { actualStatus: 'created', statusMsg: 'Error: OCI runtime create failed: runc' },
    ],
    [
      'a host without the container',
      { actualStatus: 'loading', statusMsg: 'Error response from daemon: No such container: C.1' },
    ],
    ['a container that does not start', { actualStatus: 'created', statusMsg: 'container failed to start' }],
    ['a build that breaks', { actualStatus: 'loading', statusMsg: 'error writing Dockerfile' }],
    ['V14: exited', { actualStatus: 'exited' }],
    ['V14: unknown', { actualStatus: 'unknown' }],
    ['V14: offline', { actualStatus: 'offline' }],
    ['stopped', { actualStatus: 'stopped' }],
    [
      'V15: intended stopped right after create',
      { actualStatus: null, intendedStatus: 'stopped', curState: 'stopped' },
    ],
    [
      'V15: intended stopped although the container still runs',
      { actualStatus: 'running', intendedStatus: 'stopped' },
    ],
  ])('failed, try another machine: %s', (_, states) => {
    expect(verdict(instance(states))).toMatchObject({
      kind: 'failed',
      fault: { code: 'VAST_INSTANCE_FAILED', class: 'terminal' },
    });
  });

  test.each([
    'Error response from daemon: manifest for x:1 not found: manifest unknown: manifest unknown',
    'failed to resolve reference "docker.io/x:1": not found',
    'pull access denied for x, repository does not exist or may require docker login',
    'Head "https://ghcr.io/v2/x": unauthorized',
    'Error: No such image: x:1',
  ])('V13: failed for good, another machine would not help: %s', (statusMsg) => {
    expect(verdict(instance({ actualStatus: 'loading', statusMsg }))).toMatchObject({
      kind: 'failed',
      fault: { code: 'VAST_IMAGE_MISSING', class: 'operator' },
    });
  });

  test('the reason is recorded, with the instance and what it said', () => {
    const result = verdict(instance({ actualStatus: 'exited', statusMsg: 'Container exited (137)\n' }));
    expect(result).toMatchObject({
      fault: {
        message: 'instance 1: the container died (actual exited, intended running: Container exited (137))',
      },
    });
  });
});
