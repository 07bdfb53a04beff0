export { createHttpMlnode, type HttpMlnodeOptions } from './http.ts';
export type {
  Mlnode,
  MlnodeAnswer,
  MlnodeServiceState,
  ModelFile,
  ModelName,
  ModelStart,
  PocV2BackEnd,
  PocV2Call,
  PocV2Config,
  PocV2Status,
  PowCall,
  PowStatus,
} from './interface.ts';
export { createSimulatedMlnode } from './simulated.ts';
