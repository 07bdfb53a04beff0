/** Server-sent events of one URL as they come; ends when the server closes or `signal` aborts. */
export async function* eventStream(
  url: string,
  signal: AbortSignal,
): AsyncGenerator<{ id: string; data: string }> {
  const answer = await fetch(url, { headers: { accept: 'text/event-stream' }, signal });
  if (!answer.ok || answer.body === null) throw new Error(`${url} answered ${answer.status}`);
  let rest = '';
  const decoder = new TextDecoder();
  for await (const piece of answer.body) {
    const blocks = (rest + decoder.decode(piece as Uint8Array, { stream: true })).split('\n\n');
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
