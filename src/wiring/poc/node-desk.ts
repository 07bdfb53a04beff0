import type { ServiceContext } from '../../machines/service.ts';
import type { Runtime } from '../../runtime/interface.ts';
import { callbackTarget } from '../../server/relay/callback-target.ts';
import type { PocV2Desk } from './poc-v2-desk.ts';
import { serviceRow } from '../row-names.ts';
import type { ServiceDesk } from './service-desk.ts';

export interface NodeDeskOptions {
  readonly rows: Runtime;
  /** Inference and PoC v1. */
  readonly service: ServiceDesk;
  readonly pocV2: PocV2Desk;
  readonly callbackUrl: string | undefined;
}

/** The permanent node's whole desk: one service at a time (docs/reference/protocol.md "One-service rule"). */
export function createNodeDesk({ rows, service, pocV2, callbackUrl }: NodeDeskOptions): ServiceDesk {
  const send = (event: { type: string; [field: string]: unknown }): void => void rows.send(serviceRow, event);
  const context = (): ServiceContext => rows.row(serviceRow)?.context as ServiceContext;

  /** What the Network Node calls tells which PoC it uses, and where callbacks go, whether a machine takes it or not. */
  function heard(version: 'v1' | 'v2', body: string): void {
    const { url } = JSON.parse(body) as { url?: unknown };
    const target = typeof url === 'string' ? callbackTarget(url, callbackUrl) : null;
    const callbackUrlBase = target === null ? null : target.origin + target.basePath;
    const { calledPocVersion, callbackBase } = context();
    if (calledPocVersion === version && (callbackUrlBase === null || callbackBase === callbackUrlBase))
      return;
    send({ type: 'NODE.POC_CALLED', version, callbackBase: callbackUrlBase ?? callbackBase });
  }

  return {
    ...service,
    view: () => {
      const now = pocV2.view();
      return now === undefined ? service.view() : { ...service.view(), pocV2: now };
    },
    stop: async () => {
      pocV2.stopWork();
      await service.stop();
    },
    pow: (call, body) => {
      if (call === 'init/generate') heard('v1', body);
      return service.pow(call, body);
    },
    pocV2: (call, body) => {
      if (call === 'init/generate') heard('v2', body);
      return pocV2.call(call, body);
    },
    pocV2Result: (requestId) => pocV2.result(requestId),
    pocV2Polled: () => {
      pocV2.polled();
      if (context().isPocV2Polled) return;
      // A poll is answered from memory: what it teaches is stored after the answer (invariant I12).
      setImmediate(() => send({ type: 'NODE.POC_V2_POLLED' }));
    },
    start: () => {
      service.start();
      pocV2.start();
    },
    close: () => {
      service.close();
      pocV2.close();
    },
  };
}
