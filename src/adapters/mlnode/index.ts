export { createHttpMlnode } from './http.ts';
export type { Mlnode } from './interface.ts';
export { createSimulatedMlnode } from './simulated.ts';
