import type { FastifyBaseLogger } from 'fastify';
import type { Log } from '../wiring/log.ts';

export interface LoggedEvent {
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  readonly event: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** A log without lines: whoever wants to know is told. */
export function silentLog(tell: (logged: LoggedEvent) => void = () => undefined): Log & FastifyBaseLogger {
  const at =
    (level: LoggedEvent['level']) =>
    (fields: unknown, event?: unknown): void => {
      if (typeof event === 'string') tell({ level, event, fields: (fields ?? {}) as LoggedEvent['fields'] });
    };
  const log = {
    level: 'silent',
    trace: () => undefined,
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    fatal: at('error'),
    silent: () => undefined,
    child: () => log,
  };
  return log as never;
}
