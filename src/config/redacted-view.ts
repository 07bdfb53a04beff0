import type { Config } from './config.ts';

/** The configuration as plain JSON for a person: secrets are `[redacted]`, or `null` where none is set. */
export function redactedView(config: Config): Record<string, unknown> {
  const view = JSON.parse(JSON.stringify(config)) as Record<string, unknown>;
  const hasVastKey = config.vast.apiKey.reveal() !== '';
  return { ...view, vast: { ...(view['vast'] as object), apiKey: hasVastKey ? '[redacted]' : null } };
}
