import type { Secret } from '../secret.ts';
import type { BlockCount, Milliseconds } from '../units.ts';

/** As in `src/alerts/alert-kinds.ts`. */
type AlertSeverity = 'info' | 'warning' | 'critical';

export interface WebhookConfig {
  readonly url: Secret;
  /** Signs the bodies; absent = unsigned. */
  readonly secret?: Secret;
}

export interface TelegramConfig {
  readonly token: Secret;
  readonly chat: string;
  /** Without a trailing slash. */
  readonly baseUrl: string;
}

export interface MailConfig {
  /** At least one. */
  readonly to: readonly string[];
  readonly from: string;
  readonly host: string;
  readonly port: number;
  readonly tls: 'auto' | 'tls' | 'starttls' | 'none';
  readonly login?: { readonly username: string; readonly password: Secret };
}

/** Who is told of alerts. A channel that is absent is not used. */
export interface AlertsConfig {
  /** False: nothing is sent, whatever channels there are. */
  readonly isEnabled: boolean;
  readonly minSeverity: AlertSeverity;
  /** Clock milliseconds; 0 = no reminders. */
  readonly reminderMs: Milliseconds;
  /** Before PoC. */
  readonly pocBlocks: BlockCount;
  /** Ends in a slash; absent = the inspection listener serves the pages. */
  readonly runbookUrl?: string;
  readonly webhook?: WebhookConfig;
  readonly telegram?: TelegramConfig;
  readonly discordUrl?: Secret;
  readonly slackUrl?: Secret;
  readonly mail?: MailConfig;
}
