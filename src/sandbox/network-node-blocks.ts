import { get, type IncomingMessage } from 'node:http';
import type { Block } from '../world/chain/chain-world.ts';

/** Real milliseconds between two attempts to subscribe. */
const retryMs = 100;

/**
 * Subscribes to `GET /sandbox/blocks` of a sandbox chain and stays subscribed; returns the end of it. Blocks of a
 * time without connection are not seen, as with the real subscription.
 */
export function followBlocks(chain: string, onBlock: (block: Block) => void): () => void {
  const ended = new AbortController();
  let retry: NodeJS.Timeout | undefined;
  const again = (): void => {
    if (!ended.signal.aborted) retry = setTimeout(subscribe, retryMs);
  };
  const subscribe = (): void => {
    const request = get(`${chain}/sandbox/blocks`, { signal: ended.signal, agent: false }, (response) => {
      readEvents(response, onBlock);
      response.on('error', () => undefined);
    });
    request.on('error', () => undefined);
    request.on('close', again);
  };
  subscribe();
  return () => {
    clearTimeout(retry);
    ended.abort();
  };
}

function readEvents(response: IncomingMessage, onBlock: (block: Block) => void): void {
  let rest = '';
  response.setEncoding('utf8');
  response.on('data', (piece: string) => {
    const events = (rest + piece).split('\n\n');
    rest = events.pop() ?? '';
    for (const event of events) {
      if (event.startsWith('data: ')) onBlock(JSON.parse(event.slice('data: '.length)) as Block);
    }
  });
}
