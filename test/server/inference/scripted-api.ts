import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';

export interface ApiCall {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export type ApiScript = (response: ServerResponse, call: ApiCall, request: IncomingMessage) => unknown;

/** An inference API over real HTTP whose answers a test writes byte by byte. */
export class ScriptedApi {
  readonly #server: Server;
  readonly completions: ApiCall[] = [];
  /** Ids that its model list has; a failure status in place of the list. */
  models: readonly string[] | number = ['their/model'];
  lists = 0;
  /** Connections that were closed before the answer was complete. */
  hungUp = 0;
  answering = 0;
  connections = 0;
  /** One for each completion, the last one for ever. */
  scripts: ApiScript[] = [];

  static async start(): Promise<ScriptedApi> {
    const api = new ScriptedApi();
    await new Promise<void>((resolve) => {
      api.#server.listen(0, '127.0.0.1', resolve);
    });
    return api;
  }

  private constructor() {
    this.#server = createServer((request, response) => {
      const pieces: Buffer[] = [];
      request.on('data', (bytes: Buffer) => pieces.push(bytes));
      request.on('end', () => this.#answer(request, response, Buffer.concat(pieces).toString()));
    });
    this.#server.on('connection', () => {
      this.connections += 1;
    });
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/v1`;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise<unknown>((resolve) => {
      this.#server.close(resolve);
    });
  }

  #answer(request: IncomingMessage, response: ServerResponse, body: string): void {
    if (request.url === '/v1/models') {
      this.lists += 1;
      this.#list(response);
      return;
    }
    this.answering += 1;
    response.on('close', () => {
      this.answering -= 1;
      if (!response.writableFinished) this.hungUp += 1;
    });
    const call = { path: request.url ?? '', headers: request.headers, body };
    this.completions.push(call);
    const script = this.scripts.length > 1 ? this.scripts.shift() : this.scripts[0];
    script?.(response, call, request);
  }

  #list(response: ServerResponse): void {
    if (typeof this.models === 'number') response.writeHead(this.models).end();
    else response.end(JSON.stringify({ object: 'list', data: this.models.map((id) => ({ id })) }));
  }
}

const streamHead = { 'content-type': 'text/event-stream' };

export const says =
  (status: number, body: string, headers: Record<string, string> = {}): ApiScript =>
  (response) =>
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(body);

/** A stream in these pieces, one packet each, and then its end; `null` in place of a piece breaks the connection. */
export const tells =
  (...pieces: readonly (string | Buffer | null)[]): ApiScript =>
  async (response) => {
    response.writeHead(200, streamHead);
    response.flushHeaders();
    for (const piece of pieces) {
      await turn();
      if (piece === null) {
        response.destroy();
        return;
      }
      response.write(piece);
    }
    response.end();
  };

/** Says so much and then nothing more. */
export const stallsAfter =
  (head: 'nothing' | 'head', ...pieces: readonly string[]): ApiScript =>
  (response) => {
    if (head === 'nothing') return;
    response.writeHead(200, streamHead).flushHeaders();
    for (const piece of pieces) response.write(piece);
  };

const told = { id: 'c1', created: 7, model: 'their/model' };
export const whole = (change: object = {}): string =>
  JSON.stringify({
    ...told,
    object: 'chat.completion',
    choices: [{ index: 0, message: { role: 'assistant', content: 'hello' }, finish_reason: 'stop' }],
    usage: { prompt_tokens: 7, completion_tokens: 3, total_tokens: 10 },
    ...change,
  });
export const piece = (content: string, finishReason: string | null = null, more: object = {}): string =>
  event({
    ...told,
    object: 'chat.completion.chunk',
    choices: [{ index: 0, delta: { content }, finish_reason: finishReason, ...more }],
  });
export const usage = event({
  ...told,
  choices: [],
  usage: { prompt_tokens: 7, completion_tokens: 3, total_tokens: 10 },
});
export const done = 'data: [DONE]\n\n';

export function event(value: object): string {
  return `data: ${JSON.stringify(value)}\n\n`;
}
