import { authorization, Refused } from './api.ts';

export interface ServerEvent {
  readonly id: string;
  readonly data: string;
}

/**
 * Reads server-sent events by `fetch`, which can carry the token in a header as `EventSource` cannot. `onSign` is called
 * for every piece, comments too. Resolves when the daemon ended the stream; throws Refused, and what a lost connection throws.
 */
export async function readEvents(
  path: string,
  lastEventId: string | null,
  signal: AbortSignal,
  { onEvent, onSign }: { onEvent: (event: ServerEvent) => void; onSign: () => void },
): Promise<void> {
  const answer = await fetch(path, {
    headers: { ...authorization(), ...(lastEventId === null ? {} : { 'last-event-id': lastEventId }) },
    signal,
    cache: 'no-store',
  });
  if (!answer.ok || answer.body === null) throw new Refused(answer.status);
  onSign();
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    onSign();
    text += value;
    const blocks = text.split('\n\n');
    text = blocks.pop() ?? '';
    for (const block of blocks) {
      const event = parsed(block);
      if (event !== undefined) onEvent(event);
    }
  }
}

function parsed(block: string): ServerEvent | undefined {
  const field = (name: string): string =>
    block
      .split('\n')
      .filter((line) => line.startsWith(`${name}: `))
      .map((line) => line.slice(name.length + 2))
      .join('\n');
  const data = field('data');
  return data === '' ? undefined : { id: field('id'), data };
}
