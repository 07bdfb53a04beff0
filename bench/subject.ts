/** A proxy that is measured. */
export interface Subject {
  readonly name: 'gateway' | 'nginx';
  readonly pid: number;
  /** On 127.0.0.1. */
  readonly port: number;
  stop(): Promise<void>;
}
