import { Socket } from 'node:net';

/** Read by everybody's callbacks in turn, each to its end before the next. */
const readBuffer = Buffer.allocUnsafe(65_536);

/** `onread` for a socket: `take` sees bytes that are overwritten when it returns. */
export const sharedRead = (
  take: (bytes: Buffer) => void,
): { buffer: Buffer; callback: (length: number) => boolean } => ({
  buffer: readBuffer,
  callback(length) {
    take(readBuffer.subarray(0, length));
    return true;
  },
});

/**
 * The same for an accepted connection (of a server with `pauseOnConnect`), which saves a third of the mock's cost.
 * Node offers `onread` to connecting sockets only, so the connection moves to a socket of our making.
 */
export function leanSocket(accepted: Socket, take: (bytes: Buffer) => void): Socket {
  const holder = accepted as unknown as { _handle: unknown };
  const handle = holder._handle;
  holder._handle = null;
  // Empty now; the server would otherwise wait for it when it closes.
  accepted.destroy();
  const options: object = { handle, onread: sharedRead(take), readable: true, writable: true };
  return new Socket(options).resume();
}
