export { createHttpMlnode, type HttpMlnodeOptions } from './http.ts';
export type { Mlnode, MlnodeAnswer, MlnodeServiceState, PowCall, PowStatus } from './interface.ts';
export { createSimulatedMlnode } from './simulated.ts';
