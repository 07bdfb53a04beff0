import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { AccessConfig } from '../../config/config.ts';
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
  const known = new WeakMap<Socket, Readonly<Record<Plane, boolean>>>();
  const ownerOf = callerTokens(access.tokens);
  const managers = new Set(access.managementCallers);
  const admissions = new Map<string, Admission>(
    access.tokens.map(({ name }) => [name, { caller: { name, isManager: managers.has(name) } }]),
  );

  /** One look for each connection: its address never changes. */
  function allowances(socket: Socket): Readonly<Record<Plane, boolean>> {
    let allowed = known.get(socket);
    if (allowed === undefined) {
      const address = socket.remoteAddress;
      allowed = { inference: isAllowed.inference(address), management: isAllowed.management(address) };
      known.set(socket, allowed);
    }
    return allowed;
  }

  return {
    admit: (request, plane) => {
      const allowed = allowances(request.socket);
      const isAddressEnough = plane === null ? allowed.inference || allowed.management : allowed[plane];
      const owner = ownerOf(request.headers.authorization);
      if (owner === undefined) return isAddressEnough ? byAddress : unknown;
      if (plane === 'management' && !isAddressEnough && !managers.has(owner.name)) return inferenceOnly;
      return admissions.get(owner.name) ?? byAddress;
    },
  };
}

/** Admits everybody, by address: a gateway that was given no access rules (tests). */
export const openGate: Gatekeeper = { admit: () => byAddress };
