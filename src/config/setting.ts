export const areas = [
  'Node and listeners',
  'Access and limits',
  'Gonka',
  'Inference',
  'Vast.ai',
  'Rented machine',
  'Rental and money',
  'Store, inspection, log',
  'Alerts',
  'Sandbox',
] as const;
export type Area = (typeof areas)[number];

/** One environment name that this daemon knows, and everything that is said about it anywhere. */
export interface Setting {
  readonly name: string;
  readonly area: Area;
  /**
   * `honoured`: read. `deprecated`: accepted with a warning that names the successor. `refused`: the start ends,
   * unless the value switches the thing off anyway.
   */
  readonly state: 'honoured' | 'deprecated' | 'refused';
  /**
   * Another spelling of that name: its value counts when neither the name itself nor a spelling listed before this
   * one is set.
   */
  readonly aliasOf?: string;
  /** Of a deprecated name: the name that replaces it. Absent when nothing does; `describe` then says why. */
  readonly successor?: string;
  /** One sentence, unit included. For a refused name, the reason. */
  readonly describe: string;
  readonly example?: string;
  /** As it would be written; absent = none. */
  readonly default?: string;
  /** When it has to be set, in words. */
  readonly required?: string;
  /** Its value never appears in a message. */
  readonly secret?: true;
  /** Other programs use the name too, so it is looked at in settings files only. */
  readonly filesOnly?: true;
}
