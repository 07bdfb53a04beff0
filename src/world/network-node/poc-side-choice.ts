import { mainnetPocV2Params } from './artifact-objection.ts';
import type { NetworkNodeWorldOptions } from './network-node-options.ts';
import { otherParticipants } from './other-participants.ts';
import type { PocSide, PocSideContext } from './poc-side.ts';
import { pocSideV1 } from './poc-side-v1.ts';
import { pocSideV2 } from './poc-side-v2.ts';
import { mainnetPowParams } from './pow-init-body.ts';

/** The generation of PoC that the options name, with its parameters. */
export function choosePocSide(
  context: Omit<PocSideContext, 'participants'>,
  options: NetworkNodeWorldOptions,
): PocSide {
  const pow = options.pow ?? mainnetPowParams;
  const participants = options.participants ?? otherParticipants(3, options.seed, pow);
  if (options.pocVersion !== 2) return pocSideV1({ ...context, participants }, pow);
  const params = { ...mainnetPocV2Params, ...options.pocV2 };
  const hasModelSegment = options.hasModelSegment ?? true;
  return pocSideV2({ ...context, participants }, { params, hasModelSegment });
}
