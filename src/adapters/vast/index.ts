export { createHttpVast, knowsSshKey } from './http.ts';
export { createSimulatedVast } from './simulated.ts';
export { verdict } from './instance-verdict.ts';
export type * from './interface.ts';
