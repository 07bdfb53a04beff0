import { describe } from 'vitest';
import { startSshServer } from '../support/ssh-server.ts';
import { sshdPath, startSshd } from '../support/sshd.ts';
import { sshContract } from './ssh-contract.ts';
import { sshTunnelContract } from './ssh-tunnel-contract.ts';

if (sshdPath === undefined) {
  console.warn('SKIPPED: the SSH suite against a real sshd, which is not installed (openssh-server)');
}

for (const contract of [sshContract, sshTunnelContract]) {
  describe.skipIf(sshdPath === undefined)('against a real sshd', () => contract(startSshd));
  describe('against an SSH server in this process', () => contract(startSshServer));
}
