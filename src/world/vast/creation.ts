import type { WorldResponse } from '../exchange.ts';
import { invalidArgs, refusal } from './answers.ts';
import type { Row } from './offer-query.ts';

/** A create body as the server understands it. Source: docs/reference/vast.md "Create". */
export interface CreationOrder {
  readonly image: string;
  readonly diskGb: number;
  readonly label: string;
  readonly onstart: string;
  /** Both variables and docker flags (`-p 8080:8080`), as sent; a string instead of an object is ignored. */
  readonly env: Readonly<Record<string, string>>;
  /** SSH run types get an sshd and do not run the image's entrypoint. */
  readonly withSsh: boolean;
  readonly runtype: string;
  readonly targetState: 'running' | 'stopped';
  readonly cancelUnavailable: boolean;
}

/** Reads the body of `PUT /asks/{id}/`, or answers why it is refused. */
export function readCreation(body: Row): CreationOrder | WorldResponse {
  const template = body['template_hash_id'];
  const image = typeof body['image'] === 'string' ? body['image'] : '';
  const diskGb = typeof body['disk'] === 'number' ? body['disk'] : 10;
  const label = typeof body['label'] === 'string' ? body['label'] : '';
  const env = environment(body['env']);
  const wrong =
    (image === '' && typeof template !== 'string' && 'image is required') ||
    (image.length > 1024 && 'image is longer than 1024') ||
    (template !== undefined && typeof template !== 'string' && 'template_hash_id must be a string') ||
    (diskGb < 8 && 'disk must be at least 8') ||
    (label.length > 256 && 'label is longer than 256') ||
    (scriptLength(body) > 4096 && 'onstart, args and args_str are longer than 4096 together') ||
    (Object.entries(env).some(([key, value]) => key.length + value.length > 256) &&
      'an env entry is longer than 256') ||
    (JSON.stringify(env).length > 32_768 && 'env is longer than 32768') ||
    (publishedPorts(env).length > 64 && 'more than 64 ports');
  if (wrong) return invalidArgs(wrong);
  if (body['price'] !== undefined)
    return refusal(400, 'invalid_price', 'error 400/3550: invalid_price for this offer');
  if (image !== '' && !/[:@]/.test(image.slice(image.lastIndexOf('/') + 1))) {
    return refusal(500, 'server_error', 'error 500: internal error');
  }
  const runtype =
    typeof body['runtype'] === 'string' ? body['runtype'] : body['args'] === undefined ? 'ssh' : 'args';
  return {
    image: image === '' ? `template/${String(template)}:latest` : image,
    diskGb,
    label,
    onstart: typeof body['onstart'] === 'string' ? body['onstart'] : '',
    env,
    withSsh: /ssh|jupyter/.test(runtype),
    runtype,
    targetState: body['target_state'] === 'stopped' ? 'stopped' : 'running',
    cancelUnavailable: body['cancel_unavail'] !== false,
  };
}

/** Container ports of `-p outside:inside` entries, in order. */
export function publishedPorts(
  env: Readonly<Record<string, string>>,
): { port: number; protocol: 'tcp' | 'udp' }[] {
  return Object.keys(env).flatMap((key) => {
    const match = /^-p (\d+):(\d+)(?:\/(tcp|udp))?$/.exec(key.trim());
    return match
      ? [{ port: Number(match[2]), protocol: match[3] === 'udp' ? ('udp' as const) : ('tcp' as const) }]
      : [];
  });
}

/** The variables among the entries; keys that begin with a dash are docker flags. */
export const variables = (env: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(env).filter(([key]) => !key.startsWith('-')));

function environment(sent: unknown): Record<string, string> {
  if (typeof sent !== 'object' || sent === null || Array.isArray(sent)) return {};
  return Object.fromEntries(Object.entries(sent).map(([key, value]) => [key, String(value)]));
}

function scriptLength(body: Row): number {
  const args: unknown[] = Array.isArray(body['args']) ? body['args'] : [];
  const texts = [body['onstart'], body['args_str'], ...args].filter((part) => typeof part === 'string');
  return texts.reduce((sum, part) => sum + Buffer.byteLength(part), 0);
}
