import type { AccessConfig } from '../../../src/config/config.ts';
import { Secret } from '../../../src/secret.ts';

export const aliceToken = 'alice-canary-0123456789';
export const managerToken = 'manager-canary-0123456789';

/** Two tokens, one of them for management, and whatever addresses a test allows. */
export function accessRules(rules: Partial<AccessConfig> = {}): AccessConfig {
  return {
    from: [],
    managementFrom: [],
    tokens: [
      { name: 'alice', token: new Secret(aliceToken) },
      { name: 'manager', token: new Secret(managerToken) },
    ],
    managementCallers: ['manager'],
    ...rules,
  };
}

export const loopback = [{ address: '127.0.0.0', prefix: 8 }];
export const bearer = (token: string): { authorization: string } => ({ authorization: `Bearer ${token}` });
