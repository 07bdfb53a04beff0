import { describe, expect, it } from 'vitest';
import { listenersOf } from '../../src/cli/doctor/this-host.ts';

describe('the listeners of a host', () => {
  it('are read from the tables of the kernel, both families', () => {
    const tcp = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 00000000:23F0 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1 1 0 100 0 0 10 0
   1: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 2 1 0 100 0 0 10 0
   2: 0100007F:1F90 0100007F:9C40 01 00000000:00000000 00:00000000 00000000     0        0 3 1 0 100 0 0 10 0
`;
    expect(listenersOf(tcp)).toEqual([
      { address: '0.0.0.0', port: 9200 },
      { address: '127.0.0.1', port: 8080 },
    ]);
    const tcp6 = `header
   0: 00000000000000000000000000000000:238C 00000000000000000000000000000000:0000 0A 0 0 0
   1: 0000000000000000FFFF00000100007F:0050 00000000000000000000000000000000:0000 0A 0 0 0
   2: 000080FE00000000000000000100000A:0016 00000000000000000000000000000000:0000 0A 0 0 0
`;
    expect(listenersOf(tcp6)).toEqual([
      { address: '::', port: 9100 },
      { address: '127.0.0.1', port: 80 },
      { address: 'fe80::a00:1', port: 22 },
    ]);
  });
});
