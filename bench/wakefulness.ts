/**
 * Keeps the load generator's core from going to sleep, until the function that comes back is called. Whoever writes to
 * a sleeping core pays for waking it, some microseconds a write on a virtual machine. A fast subject keeps the
 * generator awake and never pays; a slow one would pay for each write, which is no work of its own.
 */
export function stayAwake(): () => void {
  let turn: NodeJS.Immediate;
  const spin = (): void => {
    turn = setImmediate(spin);
  };
  spin();
  return () => clearImmediate(turn);
}
