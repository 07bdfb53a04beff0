import { createServer, type Server, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';

export interface TakenMail {
  readonly from: string;
  readonly to: readonly string[];
  /** Headers and text as they came. */
  readonly data: string;
}

export interface MailServerOptions {
  /** Demands this login by AUTH PLAIN. */
  readonly login?: { readonly username: string; readonly password: string };
  /** The reply to a command in place of the usual one, by its first word: `{ MAIL: '451 later' }`. */
  readonly replies?: Readonly<Record<string, string>>;
  /** Says nothing, not even the greeting. */
  readonly isSilent?: boolean;
}

/** A mail server on loopback that speaks enough of RFC 5321, without encryption. */
export class MailServer {
  readonly mails: TakenMail[] = [];
  /** Every line that a client sent. */
  readonly lines: string[] = [];
  replies: Readonly<Record<string, string>>;
  readonly #options: MailServerOptions;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(options: MailServerOptions) {
    this.#options = options;
    this.replies = options.replies ?? {};
    this.#server = createServer((socket) => this.#talk(socket));
  }

  static async listen(options: MailServerOptions = {}): Promise<MailServer> {
    const server = new MailServer(options);
    await new Promise<void>((resolve) => {
      server.#server.listen(0, '127.0.0.1', resolve);
    });
    return server;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
    });
  }

  #talk(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on('close', () => this.#sockets.delete(socket));
    socket.on('error', () => undefined);
    if (this.#options.isSilent === true) return;
    const conversation = new Conversation(this, this.#options, (line) => socket.write(`${line}\r\n`));
    socket.write('220 mail.test ESMTP\r\n');
    let pending = '';
    socket.on('data', (bytes) => {
      pending += bytes.toString('utf8');
      for (let end = pending.indexOf('\r\n'); end >= 0; end = pending.indexOf('\r\n')) {
        const line = pending.slice(0, end);
        pending = pending.slice(end + 2);
        if (conversation.hear(line) === 'quit') socket.end();
      }
    });
  }
}

class Conversation {
  readonly #server: MailServer;
  readonly #options: MailServerOptions;
  readonly #say: (line: string) => unknown;
  #isIn: boolean;
  #from = '';
  #to: string[] = [];
  #data: string[] | undefined;

  constructor(server: MailServer, options: MailServerOptions, say: (line: string) => unknown) {
    this.#server = server;
    this.#options = options;
    this.#say = say;
    this.#isIn = options.login === undefined;
  }

  hear(line: string): 'quit' | undefined {
    this.#server.lines.push(line);
    if (this.#data !== undefined) {
      this.#hearData(line, this.#data);
      return undefined;
    }
    const word = (line.split(' ')[0] ?? '').toUpperCase();
    const reply = this.#server.replies[word] ?? this.#replyTo(word, line);
    this.#say(reply);
    if (word === 'DATA' && reply.startsWith('354')) this.#data = [];
    return word === 'QUIT' ? 'quit' : undefined;
  }

  #hearData(line: string, data: string[]): void {
    if (line !== '.') {
      data.push(line.replace(/^\.\./, '.'));
      return;
    }
    this.#data = undefined;
    const reply = this.#server.replies['.'] ?? '250 queued';
    if (reply.startsWith('2'))
      this.#server.mails.push({ from: this.#from, to: this.#to, data: data.join('\n') });
    this.#to = [];
    this.#say(reply);
  }

  #replyTo(word: string, line: string): string {
    const { login } = this.#options;
    switch (word) {
      case 'EHLO':
        return login === undefined ? '250 mail.test' : '250-mail.test\r\n250 AUTH PLAIN';
      case 'AUTH': {
        const said = Buffer.from(line.split(' ')[2] ?? '', 'base64').toString('utf8');
        this.#isIn = said === `\0${login?.username}\0${login?.password}`;
        return this.#isIn ? '235 welcome' : `535 no such login: ${said.replaceAll('\0', ' ')}`;
      }
      case 'MAIL':
        if (!this.#isIn) return '530 log in first';
        this.#from = /<(.*?)>/.exec(line)?.[1] ?? '';
        return '250 ok';
      case 'RCPT':
        this.#to.push(/<(.*?)>/.exec(line)?.[1] ?? '');
        return '250 ok';
      case 'DATA':
        return '354 go on';
      case 'QUIT':
        return '221 bye';
      case 'RSET':
      case 'NOOP':
        return '250 ok';
      default:
        return '502 not implemented';
    }
  }
}
