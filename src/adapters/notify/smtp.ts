import { createTransport } from 'nodemailer';
import type { MailConfig } from '../../config/alerts-config.ts';
import { type ErrorCode, HybridError } from '../../errors.ts';
import type { Channel } from './interface.ts';
import { noticeSign, noticeSubject, noticeText } from './notice-text.ts';

/** Of one step of the conversation, real milliseconds. */
const stepTimeoutMs = 10_000;

/** Mail over SMTP, a connection a message: alerts are rare, and a connection kept for hours is a broken one. */
export function createMailChannel(mail: MailConfig): Channel {
  const isTls = mail.tls === 'tls' || (mail.tls === 'auto' && mail.port === 465);
  const demandsTls = mail.tls === 'starttls' || (mail.tls === 'auto' && mail.login !== undefined);
  return {
    name: 'mail',
    send: async (notice, signal) => {
      if (signal.aborted) throw abandoned();
      const transport = createTransport({
        host: mail.host,
        port: mail.port,
        secure: isTls,
        requireTLS: demandsTls && !isTls,
        ignoreTLS: mail.tls === 'none',
        connectionTimeout: stepTimeoutMs,
        greetingTimeout: stepTimeoutMs,
        socketTimeout: stepTimeoutMs,
        dnsTimeout: stepTimeoutMs,
        disableFileAccess: true,
        disableUrlAccess: true,
        ...(mail.login === undefined
          ? {}
          : { auth: { user: mail.login.username, pass: mail.login.password.reveal() } }),
      });
      const sent = transport.sendMail({
        from: { name: `hybrid-mlnode ${notice.node}`, address: mail.from },
        to: [...mail.to],
        subject: `${noticeSign(notice)} ${noticeSubject(notice)}`,
        text: `${noticeText(notice)}\n`,
        // The same for a second try, so that a mailbox can tell; and one thread an incident.
        messageId: `<${notice.id}@hybrid-mlnode>`,
        references: [`<${notice.incident}@hybrid-mlnode>`],
        headers: { 'Auto-Submitted': 'auto-generated', 'X-Hybrid-Kind': notice.kind },
      });
      try {
        await orAborted(sent, signal);
      } catch (error) {
        throw error instanceof HybridError ? error : failureOf(error);
      } finally {
        transport.close();
      }
    },
  };
}

function orAborted<Result>(work: Promise<Result>, signal: AbortSignal): Promise<Result> {
  return new Promise((resolve, reject) => {
    const abandon = (): void => reject(abandoned());
    signal.addEventListener('abort', abandon, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abandon));
  });
}

const abandoned = (): HybridError => new HybridError({ code: 'ABORTED', message: 'mail was abandoned' });

/** The server's own words may repeat the login, so only its number is passed on. */
function failureOf(error: unknown): HybridError {
  const { code: kind = '', responseCode } = error as { code?: string; responseCode?: number };
  const number = responseCode === undefined ? '' : ` (${responseCode})`;
  return new HybridError({
    code: codeOf(kind, responseCode),
    message: `${sentences[kind] ?? 'mail failed'}${number}`,
  });
}

const sentences: Readonly<Record<string, string>> = {
  EAUTH: 'the mail server refuses the login',
  ENOAUTH: 'the mail server wants a login',
  EENVELOPE: 'the mail server refuses sender or recipient',
  EMESSAGE: 'the mail server refuses the message',
  ETLS: 'the mail server offers no encryption that works',
  ECONNECTION: 'the mail server cannot be reached',
  ESOCKET: 'the mail server cannot be reached',
  EDNS: "the mail server's name does not resolve",
  ETIMEDOUT: 'the mail server does not answer',
};

/** 4xx of SMTP passes, 5xx does not (RFC 5321); a refused login or address needs a person. */
function codeOf(kind: string, responseCode: number | undefined): ErrorCode {
  if (responseCode !== undefined && responseCode >= 400 && responseCode < 500) return 'NOTIFY_UNREACHABLE';
  if (['EAUTH', 'ENOAUTH', 'EENVELOPE', 'ETLS', 'EOAUTH2'].includes(kind)) return 'NOTIFY_KEY_REFUSED';
  return responseCode !== undefined && responseCode >= 500 ? 'NOTIFY_REFUSED' : 'NOTIFY_UNREACHABLE';
}
