import { type Agent, request } from 'node:http';

export interface RawCall {
  readonly method: string;
  /** Path and query as they go over the wire. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly agent?: Agent;
}

/** `closed`: the connection was closed without an answer. */
export type RawAnswer =
  | 'closed'
  | {
      readonly status: number;
      readonly headers: Readonly<Record<string, string | string[] | undefined>>;
      readonly body: string;
    };

/** One exchange with nothing added to it, in particular no Content-Type. An event stream without end is left at once. */
export const rawCall = (port: number, call: RawCall, isEndless = false): Promise<RawAnswer> =>
  new Promise((resolve, reject) => {
    const { method, path, body, agent } = call;
    const bytes = Buffer.from(body ?? '');
    const length = method === 'GET' ? {} : { 'content-length': String(bytes.length) };
    const asked = request(
      {
        host: '127.0.0.1',
        port,
        method,
        path,
        headers: { ...length, ...call.headers },
        ...(agent === undefined ? {} : { agent }),
      },
      (answer) => {
        const pieces: Buffer[] = [];
        const told = (): void =>
          resolve({
            status: answer.statusCode ?? 0,
            headers: answer.headers,
            body: Buffer.concat(pieces).toString(),
          });
        const isStream = answer.headers['content-type']?.startsWith('text/event-stream') === true;
        answer.on('data', (piece: Buffer) => {
          pieces.push(piece);
          if (!isEndless || !isStream) return;
          told();
          asked.destroy();
        });
        answer.on('end', told).on('error', reject);
      },
    );
    asked.on('error', (error: NodeJS.ErrnoException) =>
      error.code === 'ECONNRESET' ? resolve('closed') : reject(error),
    );
    asked.end(method === 'GET' ? undefined : bytes);
  });
