import type { Setting } from './setting.ts';

const alerts = { area: 'Alerts', state: 'honoured' } as const;

/** Who is told, by what, and how often. */
export const alertSettings: readonly Setting[] = [
  {
    ...alerts,
    name: 'ENABLE_ALERTS',
    describe: 'off: alerts stand in the inspection API only, and nobody is told.',
    example: 'true',
    default: 'true',
  },
  {
    ...alerts,
    name: 'ALERTS_MIN_SEVERITY',
    describe: 'From which severity on somebody is told: info, warning or critical.',
    example: 'warning',
    default: 'warning',
  },
  {
    ...alerts,
    name: 'ALERT_REMINDER',
    describe: 'Hours after which an alert that is still open is told again; 0: never.',
    example: '6',
    default: '6',
  },
  {
    ...alerts,
    name: 'ALERT_POC_BLOCKS',
    describe:
      'Blocks before PoC at which a machine that is not ready is an alert; never more than half of the planned lead.',
    example: '100',
    default: '100',
  },
  {
    ...alerts,
    name: 'ALERT_RUNBOOK_URL',
    describe:
      'Base of the links to runbook pages, which end in `<kind>.md`. Unset: the inspection listener of this daemon serves them.',
    example: 'https://wiki.example.org/hybrid-mlnode/runbooks/',
  },
  {
    ...alerts,
    name: 'ALERT_WEBHOOK_URL',
    describe: 'Any address that takes a POST of JSON, one object a message (docs/operating.md "Alerts").',
    example: 'https://alerts.example.org/hook/your-path',
    secret: true,
  },
  {
    ...alerts,
    name: 'ALERT_WEBHOOK_SECRET',
    describe: 'Signs each body of the web hook: `x-hybrid-signature: sha256=<HMAC in hex>`.',
    example: 'a-long-random-text',
    secret: true,
  },
  {
    ...alerts,
    name: 'ALERT_TELEGRAM_TOKEN',
    describe: 'Token of a Telegram bot.',
    example: '123456789:your-token',
    secret: true,
  },
  {
    ...alerts,
    name: 'ALERT_TELEGRAM_CHAT',
    describe: 'Chat that the bot writes to: its number, or @name of a channel.',
    example: '-1001234567890',
    required: 'when ALERT_TELEGRAM_TOKEN is set',
  },
  {
    ...alerts,
    name: 'ALERT_TELEGRAM_BASE_URL',
    describe: 'Base of the Bot API; other than the default for a Bot API server of your own.',
    example: 'https://api.telegram.org',
    default: 'https://api.telegram.org',
  },
  {
    ...alerts,
    name: 'ALERT_DISCORD_URL',
    describe: 'Webhook URL of a Discord channel.',
    example: 'https://discord.com/api/webhooks/your-id/your-token',
    secret: true,
  },
  {
    ...alerts,
    name: 'ALERT_SLACK_URL',
    describe: 'Incoming webhook URL of Slack, or of Mattermost.',
    example: 'https://hooks.slack.com/services/your/web/hook',
    secret: true,
  },
  {
    ...alerts,
    name: 'ALERT_EMAIL',
    describe: 'Recipients of alerts by mail, comma separated.',
    example: 'you@example.org',
  },
  {
    ...alerts,
    name: 'ALERT_SMTP_HOST',
    describe: 'Mail server that takes the messages.',
    example: 'smtp.example.org',
    required: 'when ALERT_EMAIL is set',
  },
  {
    ...alerts,
    name: 'ALERT_SMTP_PORT',
    describe: 'Its port.',
    example: '587',
    default: '587',
  },
  {
    ...alerts,
    name: 'ALERT_SMTP_TLS',
    describe:
      'starttls: encryption is demanded; tls: from the first byte; none: never, and then no password is sent. auto: tls on port 465, starttls where there is a password, else as the server offers.',
    example: 'auto',
    default: 'auto',
  },
  {
    ...alerts,
    name: 'ALERT_SMTP_USERNAME',
    describe: 'Login at the mail server.',
    example: 'you@example.org',
  },
  {
    ...alerts,
    name: 'ALERT_SMTP_PASSWORD',
    describe: 'Password of that login.',
    example: 'your-password',
    required: 'when ALERT_SMTP_USERNAME is set',
    secret: true,
  },
  {
    ...alerts,
    name: 'ALERT_SMTP_FROM',
    describe: 'Sender of the mails. Unset: the first recipient.',
    example: 'hybrid-mlnode@example.org',
  },
];
