/** One server-sent event; `id` is empty where none was given. */
export interface ServerSentEvent {
  readonly id: string;
  readonly data: string;
}

/** Server-sent events of one URL as they come; ends when the server closes or `signal` aborts. */
export async function* eventStream(
  url: string,
  signal: AbortSignal,
  headers: Readonly<Record<string, string>> = {},
): AsyncGenerator<ServerSentEvent> {
  const answer = await fetch(url, { headers: { ...headers, accept: 'text/event-stream' }, signal });
  if (!answer.ok || answer.body === null) throw new Error(`${url} answered ${answer.status}`);
  yield* eventsOf(answer.body);
}

/** The events in a body, whatever pieces it comes in. */
export async function* eventsOf(body: AsyncIterable<Uint8Array>): AsyncGenerator<ServerSentEvent> {
  let rest = '';
  const decoder = new TextDecoder();
  for await (const piece of body) {
    const blocks = (rest + decoder.decode(piece, { stream: true })).split('\n\n');
    rest = blocks.pop() ?? '';
    for (const block of blocks) {
      const field = (name: string): string =>
        block
          .split('\n')
          .filter((line) => line.startsWith(`${name}:`))
          .map((line) => line.slice(name.length + 1).trimStart())
          .join('\n');
      if (field('data') !== '') yield { id: field('id'), data: field('data') };
    }
  }
}
