export { createHttpVast, knowsSshKey } from './http.ts';
export { createSimulatedVast, type SimulatedVastOptions } from './simulated.ts';
export { verdict, type InstanceVerdict } from './instance-verdict.ts';
export type { VastLineOptions } from './vast-line.ts';
export type * from './interface.ts';
