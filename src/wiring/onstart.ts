import { HybridError } from '../errors.ts';

export interface OnstartOptions {
  /** Port of the ML node on the machine's own loopback. */
  readonly mlnodePort: number;
  /** How the ML node is started; its arguments for host and port are appended. */
  readonly startCommand: string;
  /** Seconds from the start of the container to its own destruction, already divided by `TIME_SCALE`. */
  readonly ttlSeconds: number;
  /** Pause between two tries of that destruction, seconds. */
  readonly retrySeconds: number;
  readonly vastBaseUrl: string;
  /** The operator's own lines, run before the ML node is started. */
  readonly extra?: string;
}

/** `onstart` and arguments together, bytes (docs/reference/vast.md "Create"). */
export const onstartBytesMax = 4_096;

/**
 * The shell text that Vast.ai runs on every start of the container. In SSH run types the image's own entrypoint does
 * not run, so it starts the ML node, bound to loopback; and a first dead-man switch: one sleep, then the machine
 * destroys itself with its instance-scoped key, again and again until the provider answers.
 * POSIX shell; idempotent, because a reboot runs it again. Throws CONFIG_INVALID beyond 4096 bytes.
 */
export function onstartText(options: OnstartOptions): string {
  const text = `#!/bin/sh
umask 022
chmod go-w "$HOME"; mkdir -p "$HOME/.ssh" "$HOME/.ghm"; chmod 700 "$HOME/.ssh"
[ ! -f "$HOME/.ssh/authorized_keys" ] || chmod 600 "$HOME/.ssh/authorized_keys"
touch "$HOME/.no_auto_tmux"
alive() { [ -f "$1" ] && kill -0 "$(cat "$1")" 2>/dev/null; }
if ! alive "$HOME/.ghm/deadman.pid"; then
  cat > "$HOME/.ghm/deadman.sh" <<'DEADMAN'
url="${options.vastBaseUrl}/api/v0/instances/$CONTAINER_ID/"
auth="Authorization: Bearer $CONTAINER_API_KEY"
sleep ${options.ttlSeconds}
while :; do
  if command -v curl >/dev/null 2>&1; then curl -sS -m 30 -X DELETE -H "$auth" "$url"
  elif command -v wget >/dev/null 2>&1; then wget -q -O - -T 30 --method=DELETE --header="$auth" "$url"
  else python3 -c 'import sys,urllib.request as r; print(r.urlopen(r.Request(sys.argv[1],method="DELETE",headers={"Authorization":sys.argv[2][15:]}),timeout=30).read())' "$url" "$auth"
  fi
  sleep ${options.retrySeconds}
done
DEADMAN
  nohup sh "$HOME/.ghm/deadman.sh" >"$HOME/.ghm/deadman.log" 2>&1 </dev/null &
  echo $! > "$HOME/.ghm/deadman.pid"
fi
${options.extra ?? ':'}
if ! alive "$HOME/.ghm/mlnode.pid"; then
  nohup ${options.startCommand} --host=127.0.0.1 --port=${options.mlnodePort} >"$HOME/.ghm/mlnode.log" 2>&1 </dev/null &
  echo $! > "$HOME/.ghm/mlnode.pid"
fi
`;
  const bytes = Buffer.byteLength(text);
  if (bytes > onstartBytesMax) {
    const message = `the start text of a machine has ${bytes} bytes, ${onstartBytesMax} are allowed: shorten VASTAI_ONSTART_SCRIPT`;
    throw new HybridError({ code: 'CONFIG_INVALID', message });
  }
  return text;
}
