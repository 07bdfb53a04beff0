import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Heard {
  readonly method: string;
  readonly path: string;
  readonly authorization: string | undefined;
}

/** A server on loopback that remembers what it was asked and answers with `{}`. */
export class Ear {
  readonly name: string;
  readonly heard: Heard[] = [];
  /** Of the same requests, for who wants more. */
  readonly headers: IncomingHttpHeaders[] = [];
  readonly bodies: string[] = [];
  answer: (response: ServerResponse) => void = (response) =>
    void response.setHeader('content-type', 'application/json').end('{}');
  readonly #server: Server;

  private constructor(name: string) {
    this.name = name;
    this.#server = createServer((request, response) => {
      const { method = '', url = '', headers } = request;
      let body = '';
      request.on('data', (bytes: Buffer) => (body += bytes.toString()));
      request.on('end', () => {
        this.heard.push({ method, path: url, authorization: headers.authorization });
        this.headers.push(headers);
        this.bodies.push(body);
        this.answer(response);
      });
      request.on('error', () => undefined);
    });
  }

  static async open(name: string): Promise<Ear> {
    const ear = new Ear(name);
    await new Promise<void>((resolve) => ear.#server.listen(0, '127.0.0.1', resolve));
    return ear;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
