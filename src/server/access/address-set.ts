import { BlockList, isIP } from 'node:net';
import type { AddressRange } from '../../config/config.ts';

/** Whether an address, as a socket states it, lies in one of the ranges. */
export type AddressSet = (address: string | undefined) => boolean;

/** An IPv4 address that comes through an IPv6 socket (`::ffff:10.0.0.1`) counts as the IPv4 address. */
export function addressSet(ranges: readonly AddressRange[]): AddressSet {
  const list = new BlockList();
  for (const { address, prefix } of ranges) list.addSubnet(address, prefix, family(address));
  return (address) => {
    if (address === undefined) return false;
    const plain = address.replace(/^::ffff:(?=\d+\.)/i, '').replace(/%.*$/, '');
    return isIP(plain) !== 0 && list.check(plain, family(plain));
  };
}

const family = (address: string): 'ipv4' | 'ipv6' => (isIP(address) === 6 ? 'ipv6' : 'ipv4');
