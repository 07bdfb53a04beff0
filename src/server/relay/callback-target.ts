import { HybridError } from '../../errors.ts';

/** Where callbacks of one init call belong. */
export interface CallbackTarget {
  /** `http://api:9100`, no trailing slash. */
  readonly origin: string;
  /** Everything of the init's `url` after the origin, byte for byte; the ML node appends `/generated` to it. */
  readonly basePath: string;
}

/** Scheme and authority, then the rest as it stands: `URL` would normalise what must pass byte for byte. */
const httpUrl = /^(https?:\/\/[^/?#\\@\s]+)((?:\/[!-"$-[\]-~]*)?)$/i;

/**
 * Reads the `url` of an init call. `callbackUrl` (GONKA_CALLBACK_URL) replaces scheme, host and port.
 * Throws REQUEST_INVALID for anything but an http(s) URL without credentials and fragment, CONFIG_INVALID when
 * `callbackUrl` is none.
 */
export function callbackTarget(initUrl: string, callbackUrl?: string): CallbackTarget {
  const asked = split(initUrl);
  if (!asked) {
    throw new HybridError({
      code: 'REQUEST_INVALID',
      message: 'The "url" of the init call is no http(s) URL.',
    });
  }
  if (callbackUrl === undefined) return asked;
  const forced = split(callbackUrl);
  if (!forced)
    throw new HybridError({ code: 'CONFIG_INVALID', message: 'GONKA_CALLBACK_URL is no http(s) URL.' });
  return { origin: forced.origin, basePath: asked.basePath };
}

/** The `url` for the rented machine: its own loopback, where the reverse tunnel ends. */
export const relayUrl = (port: number, basePath: string): string => `http://127.0.0.1:${port}${basePath}`;

function split(url: string): CallbackTarget | undefined {
  const [, origin, basePath] = httpUrl.exec(url) ?? [];
  if (origin === undefined || basePath === undefined || !URL.canParse(origin)) return undefined;
  return { origin, basePath };
}
