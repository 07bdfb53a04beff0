import { createBrotliDecompress, createGunzip, createInflate, type Gunzip } from 'node:zlib';
import { HybridError } from '../../errors.ts';
import type { UpstreamReceiver } from './interface.ts';

type Decoder = Pick<Gunzip, 'on' | 'write' | 'end' | 'pause' | 'resume' | 'destroy'>;

const decoders: Readonly<Record<string, () => Decoder>> = {
  gzip: createGunzip,
  'x-gzip': createGunzip,
  deflate: createInflate,
  br: createBrotliDecompress,
};

/**
 * The receiver of a compressed answer. None is asked for (`accept-encoding: identity`); a front that compresses all
 * the same must not reach callers as bytes that they cannot read. An unknown encoding fails as UPSTREAM_BROKEN.
 */
export function decodedReceiver(
  encoding: string,
  inner: UpstreamReceiver,
  wire: { resume(): void; isAborted(): boolean },
): UpstreamReceiver {
  const decoder = decoders[encoding.trim().toLowerCase()]?.();
  let isOver = false;
  const fail = (error: HybridError): void => {
    if (isOver || wire.isAborted()) return;
    isOver = true;
    decoder?.destroy();
    inner.failed(error);
  };
  const unreadable = (): void =>
    fail(new HybridError({ code: 'UPSTREAM_BROKEN', message: `unreadable content-encoding ${encoding}` }));
  decoder?.on('data', (bytes: Buffer) => {
    // What decoding holds back is bounded by the decoder's own buffer; the wire stops with it.
    if (!isOver && !wire.isAborted()) inner.data(bytes);
  });
  decoder?.on('drain', () => wire.resume());
  decoder?.on('error', unreadable);
  decoder?.on('end', () => {
    if (isOver || wire.isAborted()) return;
    isOver = true;
    inner.end();
  });
  return {
    head: (head) => {
      inner.head(head);
      if (decoder === undefined) unreadable();
    },
    data: (bytes) => decoder?.write(bytes) ?? true,
    end: () => void decoder?.end(),
    failed: fail,
  };
}
