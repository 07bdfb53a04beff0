import { afterEach, describe, expect, it } from 'vitest';
import { createMailChannel } from '../../../src/adapters/notify/smtp.ts';
import type { MailConfig } from '../../../src/config/alerts-config.ts';
import { HybridError } from '../../../src/errors.ts';
import { Secret } from '../../../src/secret.ts';
import { sampleNotice } from '../../alerts/sample-notice.ts';
import { MailServer, type MailServerOptions } from '../../support/mail-server.ts';

let server: MailServer | undefined;
afterEach(() => server?.close());

async function channelTo(options: MailServerOptions, mail: Partial<MailConfig> = {}) {
  server = await MailServer.listen(options);
  const channel = createMailChannel({
    to: ['host@example.org', 'other@example.org'],
    from: 'ghm@example.org',
    host: '127.0.0.1',
    port: server.port,
    tls: 'auto',
    ...mail,
  });
  return { server, channel };
}

async function failure(work: Promise<void>): Promise<HybridError> {
  const error: unknown = await work.catch((thrown: unknown) => thrown);
  if (!(error instanceof HybridError)) throw new Error('the message was taken');
  return error;
}
const soon = (): AbortSignal => AbortSignal.timeout(10_000);
const login = { username: 'ghm', password: new Secret('mail-canary') };

describe('mail', () => {
  it('brings the message to every recipient, threaded by incident, marked as automatic', async () => {
    const {
      server: { mails },
      channel,
    } = await channelTo({});
    await channel.send(sampleNotice, soon());
    expect(mails).toHaveLength(1);
    const [mail] = mails;
    expect(mail).toMatchObject({ from: 'ghm@example.org', to: ['host@example.org', 'other@example.org'] });
    expect(mail?.data).toContain('Message-ID: <01k0-1@hybrid-mlnode>');
    expect(mail?.data).toContain('References: <01k0@hybrid-mlnode>');
    expect(mail?.data).toMatch(/^Auto-Submitted: auto-generated$/m);
    expect(mail?.data).toContain('What to do: Look at the instance.');
    expect(mail?.data).toContain('leak.md');
  });

  it('cannot be made to write headers by a message or a name', async () => {
    const {
      server: { mails },
      channel,
    } = await channelTo({});
    const evil = 'x\r\nBcc: thief@example.org\r\n\r\nbody';
    await channel.send({ ...sampleNotice, node: evil, title: evil }, soon());
    expect(mails[0]?.to).toEqual(['host@example.org', 'other@example.org']);
    const [head = ''] = (mails[0]?.data ?? '').split('\n\n');
    expect(head).not.toMatch(/^Bcc:/im);
  });

  it('sends no password to a server that does not encrypt', async () => {
    const {
      server: { lines },
      channel,
    } = await channelTo({ login: { username: 'ghm', password: 'mail-canary' } }, { login });
    const error = await failure(channel.send(sampleNotice, soon()));
    expect(error).toMatchObject({ code: 'NOTIFY_KEY_REFUSED', class: 'operator' });
    expect(lines.join('\n')).not.toMatch(/AUTH|canary/);
  });

  it('logs in, and repeats nothing of a login that is refused', async () => {
    const right = { login: { username: 'ghm', password: 'mail-canary' } };
    const {
      server: { mails },
      channel,
    } = await channelTo(right, { login, tls: 'none' });
    await channel.send(sampleNotice, soon());
    expect(mails).toHaveLength(1);
    await server?.close();
    const other = { login: { username: 'ghm', password: 'another' } };
    const refused = await channelTo(other, { login, tls: 'none' });
    const error = await failure(refused.channel.send(sampleNotice, soon()));
    expect(error).toMatchObject({ code: 'NOTIFY_KEY_REFUSED', class: 'operator' });
    expect(`${error.message} ${JSON.stringify(error.facts)} ${error.stack}`).not.toContain('canary');
    expect(error.cause).toBeUndefined();
  });

  it.each([
    ['a passing refusal', { MAIL: '451 try again later' }, 'NOTIFY_UNREACHABLE', 'retryable'],
    ['a recipient who is not there', { RCPT: '550 no such user' }, 'NOTIFY_KEY_REFUSED', 'operator'],
    ['a message that is refused', { '.': '554 looks like spam' }, 'NOTIFY_REFUSED', 'terminal'],
    ['a greylisting server', { RCPT: '450 greylisted' }, 'NOTIFY_UNREACHABLE', 'retryable'],
  ])('tells %s apart', async (_, replies, code, retryClass) => {
    const { channel } = await channelTo({ replies });
    expect(await failure(channel.send(sampleNotice, soon()))).toMatchObject({ code, class: retryClass });
  });

  it('finds nobody at home', async () => {
    const { server: gone, channel } = await channelTo({});
    await gone.close();
    server = undefined;
    const error = await failure(channel.send(sampleNotice, soon()));
    expect(error).toMatchObject({ code: 'NOTIFY_UNREACHABLE', message: 'the mail server cannot be reached' });
  });

  it('ends when it is abandoned by a server that says nothing', async () => {
    const { channel } = await channelTo({ isSilent: true });
    const abandon = new AbortController();
    const sending = channel.send(sampleNotice, abandon.signal);
    setTimeout(() => abandon.abort(), 20);
    expect(await failure(sending)).toMatchObject({ code: 'ABORTED' });
  });
});
