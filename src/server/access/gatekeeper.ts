import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { AccessConfig, CallerToken } from '../../config/config.ts';
import { addressSet } from './address-set.ts';
import { callerTokens } from './caller-tokens.ts';
import type { Plane } from './plane.ts';

/** Who asks. */
export interface Caller {
  /** Of the token; null for a caller that is known by its address alone, such as the Network Node. */
  readonly name: string | null;
  /** True for a token that opens management: the Network Node's own, or the operator's. */
  readonly isManager: boolean;
}

export interface AccessRefusal {
  readonly status: 401 | 403;
  readonly message: string;
}

export type Admission = { readonly caller: Caller } | { readonly refusal: AccessRefusal };

/** Decides who may call which half of the API. Addresses are those of the sockets: no forwarding header is read. */
export interface Gatekeeper {
  /** `plane` null: the path is unknown, and whoever may call anything is told so. */
  admit(request: IncomingMessage, plane: Plane | null): Admission;
}

/** What a connection may do, and the token that came over it last. */
interface KnownSocket extends Readonly<Record<Plane, boolean>> {
  authorization: string | undefined;
  owner: CallerToken | undefined;
}

const byAddress: Admission = { caller: { name: null, isManager: false } };
const unknown: Admission = {
  refusal: { status: 401, message: 'This address needs a token, or an entry in ALLOW_FROM' },
};
const inferenceOnly: Admission = { refusal: { status: 403, message: 'This token is for inference only' } };

/**
 * An allowed address needs no token; with a valid one the caller has a name. Any other address needs a token, and
 * for management one that `managementCallers` names.
 */
export function createGatekeeper(access: AccessConfig): Gatekeeper {
  const isAllowed = { inference: addressSet(access.from), management: addressSet(access.managementFrom) };
  const known = new WeakMap<Socket, KnownSocket>();
  const ownerOf = callerTokens(access.tokens);
  const managers = new Set(access.managementCallers);
  const admissions = new Map<string, Admission>(
    access.tokens.map(({ name }) => [name, { caller: { name, isManager: managers.has(name) } }]),
  );

  /** One look for each connection: its address never changes, its token hardly ever. */
  function look(socket: Socket, authorization: string | undefined): KnownSocket {
    let seen = known.get(socket);
    if (seen === undefined) {
      const address = socket.remoteAddress;
      const owner = ownerOf(authorization);
      seen = {
        inference: isAllowed.inference(address),
        management: isAllowed.management(address),
        authorization,
        owner,
      };
      known.set(socket, seen);
    } else if (seen.authorization !== authorization) {
      seen.authorization = authorization;
      seen.owner = ownerOf(authorization);
    }
    return seen;
  }

  return {
    admit: (request, plane) => {
      const seen = look(request.socket, request.headers.authorization);
      const isAddressEnough = plane === null ? seen.inference || seen.management : seen[plane];
      const { owner } = seen;
      if (owner === undefined) return isAddressEnough ? byAddress : unknown;
      if (plane === 'management' && !isAddressEnough && !managers.has(owner.name)) return inferenceOnly;
      return admissions.get(owner.name) ?? byAddress;
    },
  };
}

/** Admits everybody, by address: a gateway that was given no access rules (tests). */
export const openGate: Gatekeeper = { admit: () => byAddress };
