import { json, type WorldResponse } from '../exchange.ts';
import { invalidArgs, notFound, refusal } from './answers.ts';
import type { Row } from './offer-query.ts';

interface AccountKey {
  readonly id: number;
  readonly user_id: number;
  readonly public_key: string;
  readonly created_at: string;
}

/** The customer: its money and its SSH keys, which are put into containers at their creation. */
export class Account {
  readonly userId = 4711;
  readonly email: string;
  /** Spendable dollars before anything was rented here. */
  readonly initialCreditUsd: number;
  readonly #keys: AccountKey[] = [];
  #nextKeyId = 90_001;

  constructor(options: { email: string; creditUsd: number }) {
    this.email = options.email;
    this.initialCreditUsd = options.creditUsd;
  }

  get publicKeys(): readonly string[] {
    return this.#keys.map((key) => key.public_key);
  }

  /** `GET /users/current/`. */
  show(spentUsd: number): WorldResponse {
    const credit = this.initialCreditUsd - spentUsd;
    return json(200, {
      id: this.userId,
      email: this.email,
      username: this.email,
      credit,
      balance: 0,
      ssh_key: this.#keys[0]?.public_key ?? null,
      sid: 'b7c1',
    });
  }

  /** `GET /ssh/`: 404 when there is none. */
  listKeys(): WorldResponse {
    return this.#keys.length === 0 ? notFound() : json(200, this.#keys);
  }

  /** `POST /ssh/`. */
  addKey(body: Row, nowMs: number): WorldResponse {
    const key = publicKeyOf(body);
    if (key === undefined) return invalidArgs('ssh_key is no public key');
    if (this.#keys.some((known) => known.public_key === key)) {
      return refusal(400, 'duplicate_ssh_key', 'error 400: this ssh key already exists');
    }
    const added = {
      id: this.#nextKeyId++,
      user_id: this.userId,
      public_key: key,
      created_at: new Date(nowMs).toISOString(),
    };
    this.#keys.push(added);
    return json(200, { success: true, key: added });
  }
}

/** The key in `{"ssh_key": "ssh-ed25519 …"}`; undefined when it is none. */
export function publicKeyOf(body: Row): string | undefined {
  const key = typeof body['ssh_key'] === 'string' ? body['ssh_key'].trim() : '';
  return /^(ssh-|ecdsa-)\S+ \S+/.test(key) ? key : undefined;
}
