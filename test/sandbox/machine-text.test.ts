import { describe, expect, test } from 'vitest';
import { curlArguments } from '../../src/sandbox/machine-curl-arguments.ts';
import { prefixed } from '../../src/sandbox/machine-prefix.ts';
import { checkMachineStart, publicOriginsOf } from '../../src/sandbox/machine-start.ts';
import { machineStart } from './machine-client.ts';

describe('absolute paths of a container', () => {
  test.each([
    ['env >>/etc/environment', 'env >>R/etc/environment'],
    ['chmod 700 /root/.ssh "/root"', 'chmod 700 R/root/.ssh "R/root"'],
    ['cat </proc/1/environ; ls /tmp', 'cat <R/proc/1/environ; ls R/tmp'],
    ['A=/opt/x:/var/y', 'A=R/opt/x:R/var/y'],
  ])('%j lead below the root', (text, expected) => {
    expect(prefixed(text, 'R')).toBe(expected);
  });
  test.each([
    '/bin/sh -c true >/dev/null',
    'http://127.0.0.1/root/etc',
    '"$HOME/tmp" a/etc b',
    '/rootless /etcetera',
    '/proc/self/environ',
  ])('%j stay as they are', (text) => {
    expect(prefixed(text, 'R')).toBe(text);
  });
  test('that lead below the root already are not led there twice', () => {
    const root = '/tmp/ghm-machine-x';
    expect(prefixed(`cat ${root}/root/a /root/b`, root)).toBe(`cat ${root}/root/a ${root}/root/b`);
  });
});

test('the Internet of a machine is what its onstart names, without its own server', () => {
  const onstart =
    'curl http://127.0.0.1:18080/health; url="http://127.0.0.1:4000/api/v0/instances/"; x --port=18080';
  expect(publicOriginsOf(machineStart({ onstart }))).toEqual(['http://127.0.0.1:4000']);
  const publicOrigins = ['http://127.0.0.1:5000/api'];
  expect(publicOriginsOf(machineStart({ onstart, publicOrigins }))).toEqual(['http://127.0.0.1:5000']);
});

test('a description that lacks something is refused by name', () => {
  const { gpuName: _, ...rest } = machineStart();
  expect(() => checkMachineStart(rest)).toThrow('gpuName must be a string');
  expect(() => checkMachineStart({ ...machineStart(), authorizedKeys: 'x' })).toThrow(
    'authorizedKeys must be an array',
  );
});

test('a curl command line is read as curl reads it', () => {
  const curl = curlArguments([
    '-sSfm',
    '5',
    '-XDELETE',
    '-H',
    'a: b',
    '--data',
    'x',
    '-o',
    '/dev/null',
    'host:1/p',
  ]);
  expect([...curl.flags]).toEqual(['silent', 'show-error', 'fail']);
  expect([curl.value('max-time'), curl.value('request'), curl.value('output')]).toEqual([
    '5',
    'DELETE',
    '/dev/null',
  ]);
  expect([curl.url.href, curl.headers, curl.data]).toEqual(['http://host:1/p', ['a: b'], ['x']]);
  expect(() => curlArguments(['--frobnicate', 'x'])).toThrow('option --frobnicate: is unknown');
  expect(() => curlArguments(['-s'])).toThrow('no URL specified');
});
