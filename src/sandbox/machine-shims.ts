import { programPath } from './program.ts';

/**
 * Programs of the image that the sandbox plays, as files of the machine's bin directory. They are shell scripts, as
 * small as they can be: several machines boot on two cores. `root` is written into them, so they need no variable.
 */
export function shims(root: string): Readonly<Record<string, string>> {
  const r = quoted(root);
  const program = (name: string): string =>
    `exec ${quoted(process.execPath)} ${quoted(programPath(`sandbox/${name}`))} ${r} "$@"\n`;
  return {
    uvicorn: uvicorn.replaceAll('@ROOT@', r),
    python3: python.replaceAll('@ROOT@', r).replaceAll('@REAL@', 'python3'),
    python: python.replaceAll('@ROOT@', r).replaceAll('@REAL@', 'python'),
    ss: listeners.replaceAll('@ROOT@', r) + ss,
    fuser: listeners.replaceAll('@ROOT@', r) + fuser,
    lsof: listeners.replaceAll('@ROOT@', r) + lsof,
    pgrep: pgrep.replaceAll('@ROOT@', r),
    pkill: pkill.replaceAll('@ROOT@', r),
    mktemp: `TMPDIR=${r}/tmp exec /usr/bin/mktemp "$@"\n`,
    chown: 'exit 0\n',
    whoami: 'echo root\n',
    curl: program('machine-curl'),
    'nvidia-smi': program('machine-nvidia-smi'),
  };
}

const quoted = (text: string): string => `'${text.replaceAll("'", String.raw`'\''`)}'`;

/** Tells the machine its process id and arguments, then lives until it is ended or the machine is gone. */
const uvicorn = String.raw`
mkfifo @ROOT@/run/uvicorn.$$ || exit 1
exec 3<>@ROOT@/run/uvicorn.$$ 4<@ROOT@/run/forever
line=$$
for argument in "$@"; do line="$line"$(printf '\037')"$argument"; done
echo "INFO:     Started server process [$$]" >&2
printf '%s\n' "$line" >@ROOT@/run/starts
read -r _ <&4
`;

const python = String.raw`
if [ "$1" = -m ] && [ "$2" = uvicorn ]; then shift 2; exec @ROOT@/bin/uvicorn "$@"; fi
exec /usr/bin/@REAL@ "$@"
`;

/** Reads the last port number of the arguments into "wanted" and defines "each": a command for every listener. */
const listeners = String.raw`
wanted=
for argument in "$@"; do
  for word in $argument; do
    case $word in
      *:[0-9]*) wanted=${'$'}{word##*:} ;;
      [0-9]*/tcp) wanted=${'$'}{word%/tcp} ;;
      [0-9]*) wanted=$word ;;
    esac
  done
done
each() {
  while read -r port host pid name; do
    [ -n "$wanted" ] && [ "$port" != "$wanted" ] && continue
    found=1
    "$@"
  done <@ROOT@/run/listeners
}
found=
`;

const ss = String.raw`
case "$1" in *H*) ;; *) echo 'State  Recv-Q Send-Q Local Address:Port  Peer Address:PortProcess' ;; esac
row() {
  case "$flags" in *p*) users="users:((\"$name\",pid=$pid,fd=7))" ;; *) users= ;; esac
  echo "LISTEN 0      128        $host:$port       0.0.0.0:*    $users"
}
flags=$1
each row
exit 0
`;

const fuser = String.raw`
end() { echo "$port/tcp:" >&2; printf ' %s' "$pid"; case " $flags " in *' -k '*) kill -KILL "$pid" ;; esac; }
flags=$*
each end
[ -n "$found" ]
`;

const lsof = String.raw`
row() {
  case "$flags" in *-t*) echo "$pid" ;; *) echo "$name $pid root 7u IPv4 0 0t0 TCP $host:$port (LISTEN)" ;; esac
}
flags=$*
each row
[ -n "$found" ]
`;

/** Sees the machine's own processes only, as a container does: by the machine's path in their environment. */
const pgrep = String.raw`
full= exact= pattern=
for argument in "$@"; do
  case $argument in -*) case $argument in *f*) full=1 ;; esac; case $argument in *x*) exact=1 ;; esac ;; *) pattern=$argument ;; esac
done
found=1
for file in $(grep -lsF @ROOT@/ /proc/[0-9]*/environ); do
  pid=${'$'}{file#/proc/}; pid=${'$'}{pid%/environ}
  [ "$pid" = $$ ] && continue
  line=$({ tr '\0' ' ' <"/proc/$pid/cmdline"; } 2>/dev/null) || continue
  case $line in *@ROOT@/bin/pgrep*|*@ROOT@/bin/pkill*) continue ;; esac
  [ -z "$full" ] && { line=${'$'}{line#/bin/sh }; line=${'$'}{line%% *}; line=${'$'}{line##*/}; }
  if [ -n "$exact" ]; then printf '%s\n' "$line" | grep -qxE -e "$pattern" || continue
  else printf '%s\n' "$line" | grep -qE -e "$pattern" || continue; fi
  echo "$pid"; found=0
done
exit $found
`;

const pkill = String.raw`
signal=TERM flag= pattern=
for argument in "$@"; do
  case $argument in -f|-x|-fx|-xf) flag=$argument ;; -*) signal=${'$'}{argument#-}; signal=${'$'}{signal#SIG} ;; *) pattern=$argument ;; esac
done
pids=$(@ROOT@/bin/pgrep $flag "$pattern") || exit 1
for pid in $pids; do
  [ "$pid" = "$PPID" ] || kill -s "$signal" "$pid" 2>/dev/null
done
exit 0
`;
