export { connectFirst } from './first-open.ts';
export { createSsh } from './ssh2.ts';
export type { Ssh, SshSession } from './interface.ts';
