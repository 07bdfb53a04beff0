import type { Environment } from './settings-file.ts';

/** The environment of this process: the only place that reads it. */
export const processEnvironment = (): Environment => process.env;
