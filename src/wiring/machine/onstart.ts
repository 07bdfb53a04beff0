import { HybridError } from '../../errors.ts';
import { type DeadManOptions, deadManScript } from './dead-man.ts';

export interface OnstartOptions extends DeadManOptions {
  /** Port of the ML node on the machine's own loopback. */
  readonly mlnodePort: number;
  /** How the ML node is started; its arguments for host and port are appended. Absent = nothing is started here. */
  readonly startCommand?: string;
  /** The operator's own lines, run before the ML node is started. */
  readonly extra?: string;
}

/** `onstart` and arguments together, bytes (docs/reference/vast.md "Create"). */
export const onstartBytesMax = 4_096;

/**
 * The shell text that Vast.ai runs on every start of the container. In SSH run types the image's own entrypoint does
 * not run, so it starts the ML node, bound to loopback, and the dead-man switch.
 * POSIX shell; idempotent, because a reboot runs it again. Throws CONFIG_INVALID beyond 4096 bytes.
 */
export function onstartText(options: OnstartOptions): string {
  const text = `#!/bin/sh
umask 022
chmod go-w "$HOME"; mkdir -p "$HOME/.ssh" "$HOME/.ghm"; chmod 700 "$HOME/.ssh"
[ ! -f "$HOME/.ssh/authorized_keys" ] || chmod 600 "$HOME/.ssh/authorized_keys"
touch "$HOME/.no_auto_tmux"
alive() { [ -f "$1" ] && kill -0 "$(cat "$1")" 2>/dev/null; }
if ! alive "$HOME/.ghm/deadman.pid" || ! grep -qa deadman "/proc/$(cat "$HOME/.ghm/deadman.pid")/cmdline"; then
  : >"$HOME/.ghm/pulse"
  cat > "$HOME/.ghm/deadman.sh" <<'DEADMAN'
${deadManScript(options)}
DEADMAN
  nohup sh "$HOME/.ghm/deadman.sh" >"$HOME/.ghm/deadman.log" 2>&1 </dev/null &
  echo $! > "$HOME/.ghm/deadman.pid"
fi
${options.extra ?? ':'}
${options.startCommand === undefined ? '' : mlnodeStart(options.startCommand, options.mlnodePort)}`;
  const bytes = Buffer.byteLength(text);
  if (bytes > onstartBytesMax) {
    const message = `the start text of a machine has ${bytes} bytes, ${onstartBytesMax} are allowed: shorten VASTAI_ONSTART_SCRIPT`;
    throw new HybridError({ code: 'CONFIG_INVALID', message });
  }
  return text;
}

const mlnodeStart = (command: string, port: number): string => `if ! alive "$HOME/.ghm/mlnode.pid"; then
  nohup ${command} --host=127.0.0.1 --port=${port} >"$HOME/.ghm/mlnode.log" 2>&1 </dev/null &
  echo $! > "$HOME/.ghm/mlnode.pid"
fi
`;
