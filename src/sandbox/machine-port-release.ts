import { join } from 'node:path';

const mark = /^# hybrid-mlnode: release-port (\d+)$[^]*/m;

/**
 * The daemon's command that frees a callback port reads /proc of the machine. A machine of the sandbox shares /proc
 * with the host, where the same port may be somebody else's, so the command is never run as it is: its first line is
 * recognised, and the same steps are taken on the machine's own table of listeners.
 */
export function withOwnPortRelease(command: string, root: string, ownPid: number): string {
  return command.replace(mark, (_, port: string) => {
    return `wanted=${port} own=${ownPid} table='${join(root, 'run', 'listeners')}'\n${script}`;
  });
}

const script = String.raw`
holder_of() {
  while read -r port _ pid name; do [ "$port" = "$wanted" ] && echo "$pid $name"; done <"$table"
}
gone_within() {
  tries=$1
  while [ "$tries" -gt 0 ]; do
    [ -n "$(holder_of)" ] || return 0
    sleep 0.1
    tries=$((tries - 1))
  done
  return 1
}
verdict() { echo "hybrid-mlnode: port $1"; exit 0; }
set -- $(holder_of)
[ -n "$1" ] || verdict free
[ "$1" = "$own" ] && verdict own
[ "$2" = sshd ] || verdict foreign
kill -s TERM "$1" 2>/dev/null
gone_within 20 && verdict released
kill -s KILL "$1" 2>/dev/null
gone_within 20 && verdict released
verdict stuck
`;
