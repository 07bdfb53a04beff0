import { createChannels } from '../../src/adapters/notify/index.ts';
import type { Channel } from '../../src/adapters/notify/interface.ts';
import { createMailChannel } from '../../src/adapters/notify/smtp.ts';
import type { Notice } from '../../src/alerts/notice.ts';
import type { Config } from '../../src/config/config.ts';
import type { RowView, Runtime } from '../../src/runtime/interface.ts';
import { blockHeight } from '../../src/units.ts';
import { createDaemonAlerts } from '../../src/wiring/alerts/of-daemon.ts';
import { sampleNotice } from '../alerts/sample-notice.ts';
import { silent } from '../wiring/small-town.ts';
import { blockTimeMs, daemonOf, head } from './quiet-daemon.ts';
import type { Knob } from './knob.ts';
import type { Place } from './place.ts';

/** Sends a message by every channel that there is; what came where, and how each sending ended. */
async function sent(config: Config, place: Place): Promise<unknown> {
  const endings = createChannels(config.alerts).map(async (channel) => [channel.name, await endOf(channel)]);
  return { endings: await Promise.all(endings), ...arrived(place) };
}

const endOf = (channel: Channel): Promise<unknown> =>
  channel.send(sampleNotice, AbortSignal.timeout(5_000)).then(
    () => 'sent',
    (error: { code?: string }) => error.code,
  );

const arrived = (place: Place) => ({
  heard: place.heard(),
  said: place.ears.flatMap(({ bodies, headers }) =>
    bodies.map((body, at) => [body, headers[at]?.['x-hybrid-signature']]),
  ),
  mails: [...place.mailServers].map(([name, { mails }]) => [
    name,
    mails.map(({ from, to }) => ({ from, to })),
  ]),
});

/** Logins go over encrypted connections only, and the mail server of the tests knows none: it hears them in clear. */
async function login(config: Config, place: Place): Promise<unknown> {
  const { mail } = config.alerts;
  if (mail === undefined) throw new Error('there is no mail');
  await endOf(createMailChannel({ ...mail, tls: 'none' }));
  return [...place.mailServers.values()].map(({ lines }) => lines.filter((line) => line.startsWith('AUTH')));
}

/** Everybody who is told of a daemon in some trouble, within four hours. */
async function told(config: Config, place: Place): Promise<unknown> {
  const { daemon, clock, store } = daemonOf(config, place);
  daemon.start();
  const plan = daemon.planning.planner.plan(head, blockTimeMs);
  if (plan === undefined) throw new Error('there is no plan');
  const near = { ...head, height: blockHeight(head.next.pocStartHeight - 80) };
  const epoch = { id: 'epoch:137', chart: 'epoch', status: 'active', value: 'approaching' };
  const context = { plan: { ...plan, rentHeight: plan.pocStartHeight - 1_000 }, crew: [] };
  const notices: Notice[] = [];
  const alerts = createDaemonAlerts({
    config,
    daemon: {
      ...daemon,
      follower: { ...daemon.follower, head: () => near },
      rows: withRow(daemon.rows, { ...epoch, context } as unknown as RowView),
    },
    store,
    clock,
    vast: { account: () => new Promise(() => undefined) },
    channels: [{ name: 'webhook', send: async (notice) => void notices.push(notice) }],
    isDeploymentUnsaved: true,
    isInferenceHealthy: () => false,
    log: silent,
  });
  alerts.start();
  for (let quarter = 0; quarter < 16; quarter += 1) await clock.advanceBy(15 * 60_000);
  await alerts.stop();
  return notices.map(({ kind, event, runbook }) => [kind, event, runbook]);
}

/** The same rows, and one more. */
const withRow = (rows: Runtime, row: RowView): Runtime =>
  new Proxy(rows, {
    get: (_target, key: keyof Runtime) => {
      if (key === 'rows')
        return (query?: Parameters<Runtime['rows']>[0]) =>
          query?.chart === row.chart ? [row] : rows.rows(query);
      return (rows[key] as (...given: unknown[]) => unknown).bind(rows);
    },
  });

const word = 'who is told of a daemon in trouble';
const message = 'where a message goes, and with what';
const hook = { ALERT_WEBHOOK_URL: 'http://{one}/hook' };
const telegram = {
  ALERT_TELEGRAM_TOKEN: '1:one',
  ALERT_TELEGRAM_CHAT: '-1001',
  ALERT_TELEGRAM_BASE_URL: 'http://{one}',
};
const mail = {
  ALERT_EMAIL: 'host@example.org',
  ALERT_SMTP_HOST: '127.0.0.1',
  ALERT_SMTP_PORT: '{mail}',
};
const knob = (name: string, values: Knob['values'], given: Knob['given'] = {}): Knob => ({
  name,
  seen: message,
  values,
  given,
  observe: sent,
});

/** Who is told of alerts, when and by what. */
export const alertKnobs: readonly Knob[] = [
  { name: 'ALERTS_MIN_SEVERITY', seen: word, values: ['info', 'critical'], observe: told },
  { name: 'ALERT_REMINDER', seen: word, values: ['1', '3'], observe: told },
  { name: 'ALERT_POC_BLOCKS', seen: word, values: ['50', '100'], observe: told },
  { name: 'ALERT_RUNBOOK_URL', seen: word, values: ['', 'https://wiki.example.org/'], observe: told },
  knob('ENABLE_ALERTS', ['true', 'false'], hook),
  knob('ALERT_WEBHOOK_URL', ['http://{one}/hook', 'http://{two}/hook']),
  knob('ALERT_WEBHOOK_SECRET', ['first', 'second'], hook),
  knob('ALERT_TELEGRAM_TOKEN', ['1:one', '1:two'], telegram),
  knob('ALERT_TELEGRAM_CHAT', ['-1001', '-1002'], telegram),
  knob('ALERT_TELEGRAM_BASE_URL', ['http://{one}', 'http://{two}'], telegram),
  knob('ALERT_DISCORD_URL', ['http://{one}/d', 'http://{two}/d']),
  knob('ALERT_SLACK_URL', ['http://{one}/s', 'http://{two}/s']),
  knob('ALERT_EMAIL', ['one@example.org', 'two@example.org'], mail),
  knob('ALERT_SMTP_HOST', ['127.0.0.1', '127.0.0.2'], mail),
  knob('ALERT_SMTP_PORT', ['{mail}', '{otherMail}'], mail),
  knob('ALERT_SMTP_TLS', ['none', 'starttls'], mail),
  knob('ALERT_SMTP_FROM', ['', 'from@example.org'], mail),
  {
    name: 'ALERT_SMTP_USERNAME',
    seen: 'the login at the mail server',
    values: ['one', 'two'],
    given: { ...mail, ALERT_SMTP_PORT: '{loginMail}', ALERT_SMTP_PASSWORD: 'word' },
    observe: login,
  },
  {
    name: 'ALERT_SMTP_PASSWORD',
    seen: 'the login at the mail server',
    values: ['one', 'two'],
    given: { ...mail, ALERT_SMTP_PORT: '{loginMail}', ALERT_SMTP_USERNAME: 'name' },
    observe: login,
  },
];
