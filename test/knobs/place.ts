import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeEd25519Key } from '../../src/sandbox/ed25519-key.ts';
import { freePort } from '../../src/sandbox/free-port.ts';
import { MailServer } from '../support/mail-server.ts';
import { Ear } from './ear.ts';

/** The same for every observation: their public halves are looked at. */
const keys: Readonly<Record<string, string>> = {
  '{key}': makeEd25519Key().private,
  '{otherKey}': makeEd25519Key().private,
};

/** What one observation may use, made when a setting names it, and gone after it. */
export class Place {
  readonly dir = mkdtempSync(join(tmpdir(), 'hybrid-knob-'));
  /** By placeholder. */
  readonly #lent = new Map<string, string>([['{dir}', this.dir]]);
  readonly #ends: (() => unknown)[] = [() => rmSync(this.dir, { recursive: true, force: true })];
  readonly ears: Ear[] = [];
  readonly mailServers = new Map<string, MailServer>();
  /** The settings that were filled in last. */
  env: Readonly<Record<string, string>> = {};

  async filled(settings: Readonly<Record<string, string>>): Promise<Readonly<Record<string, string>>> {
    const filled: Record<string, string> = {};
    for (const [name, value] of Object.entries(settings)) {
      let text = value;
      for (const [placeholder] of value.matchAll(/\{\w+\}/g))
        text = text.replaceAll(placeholder, await this.#lend(placeholder));
      filled[name] = text;
    }
    this.env = filled;
    return filled;
  }

  /** To be called at the end of the observation, the last first. */
  onEnd(end: () => unknown): void {
    this.#ends.unshift(end);
  }

  /** What was said to the ears, in order. */
  heard(): readonly unknown[] {
    return this.ears.flatMap(({ name, heard }) => heard.map((request) => ({ at: name, ...request })));
  }

  /** Ports and directories differ from observation to observation; their placeholders do not. */
  named(seen: string): string {
    let text = seen;
    for (const [placeholder, value] of this.#lent) text = text.replaceAll(value, placeholder);
    return text;
  }

  async close(): Promise<void> {
    for (const end of this.#ends) await end();
  }

  async #lend(placeholder: string): Promise<string> {
    const lent = this.#lent.get(placeholder) ?? (await this.#made(placeholder));
    this.#lent.set(placeholder, lent);
    return lent;
  }

  async #made(placeholder: string): Promise<string> {
    if (placeholder === '{one}' || placeholder === '{two}') {
      const ear = await Ear.open(placeholder.slice(1, -1));
      this.ears.push(ear);
      this.onEnd(() => ear.close());
      return `127.0.0.1:${ear.port}`;
    }
    const key = keys[placeholder];
    if (key !== undefined) {
      const path = join(this.dir, placeholder.slice(1, -1));
      writeFileSync(path, key, { mode: 0o600 });
      return path;
    }
    if (placeholder.toLowerCase().endsWith('mail}')) {
      const login = { username: 'name', password: 'word' };
      const server = await MailServer.listen(placeholder === '{loginMail}' ? { login } : {});
      this.mailServers.set(placeholder.slice(1, -1), server);
      this.onEnd(() => server.close());
      return `${server.port}`;
    }
    if (placeholder === '{port}' || placeholder === '{otherPort}') return `${await freePort()}`;
    throw new Error(`no place lends ${placeholder}`);
  }
}
