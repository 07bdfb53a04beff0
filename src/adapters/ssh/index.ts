export { connectFirst } from './first-open.ts';
export { createSsh, type SshOptions } from './ssh2.ts';
export type {
  ExecResult,
  ReverseReceiver,
  ReverseRequest,
  ReverseResponse,
  Ssh,
  SshSession,
  SshTarget,
} from './interface.ts';
