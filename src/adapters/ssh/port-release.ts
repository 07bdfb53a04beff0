/**
 * What became of the holder of a port on the machine:
 * `free` nobody listens there; `released` an sshd child did and is gone; `own` this very connection does;
 * `foreign` a program that is no sshd does, and was left alone; `hidden` it may be an sshd whose descriptors only root
 * may see; `stuck` the child survived even SIGKILL; `unknown` the command gave no verdict.
 */
export type PortVerdict = 'free' | 'released' | 'own' | 'foreign' | 'hidden' | 'stuck' | 'unknown';

/**
 * A POSIX shell command that ends the sshd child of a lost connection which still listens on `port`, and nothing
 * else. After a loss without FIN that child lives on, and with it its listener, until TCP gives up.
 *
 * It needs no tool that a bare Debian or Ubuntu container lacks: listeners come from /proc/net/tcp, their holder from
 * the descriptors of processes whose command is sshd (`sshd-session` since OpenSSH 9.8). The shell's own ancestors,
 * which include the sshd child of the connection that runs it, are spared. The first line is stable: a simulated
 * machine, whose ports are not the host's, recognises the command by it and must not run the rest.
 */
export function portReleaseCommand(port: number): string {
  return `# hybrid-mlnode: release-port ${port}\nport=${port}\n${script}`;
}

/** Reads the command's verdict out of its output, whatever else a login shell printed around it. */
export function portVerdict(stdout: string): PortVerdict {
  const found = /^hybrid-mlnode: port (free|released|own|foreign|hidden|stuck)$/m.exec(stdout);
  return (found?.[1] as PortVerdict | undefined) ?? 'unknown';
}

const script = String.raw`
hex=$(printf '%04X' "$port")

# Socket inodes that listen (state 0A) on the port. grep first: a shell reads the table byte by byte, and thousands of
# connections in TIME_WAIT would take it longer than the limit of this command.
listeners() {
  grep -hE ": [0-9A-F]+:$hex [0-9A-F]+:[0-9A-F]+ 0A " /proc/net/tcp /proc/net/tcp6 2>/dev/null |
    while read -r _ _ _ _ _ _ _ _ _ inode _; do echo "$inode"; done
}

parent_of() {
  while read -r key value _; do
    if [ "$key" = PPid: ]; then echo "$value"; fi
  done 2>/dev/null <"/proc/$1/status"
}

holds() {
  links=$(ls -l "/proc/$1/fd" 2>/dev/null)
  for inode in $inodes; do
    case "$links" in *"socket:[$inode]"*) return 0 ;; esac
  done
  return 1
}

gone_within() {
  tries=$1
  while [ "$tries" -gt 0 ]; do
    [ -n "$(listeners)" ] || return 0
    sleep 0.1 2>/dev/null || sleep 1
    tries=$((tries - 1))
  done
  return 1
}

verdict() {
  echo "hybrid-mlnode: port $1"
  exit 0
}

inodes=$(listeners)
[ -n "$inodes" ] || verdict free

ancestors=' 1 '
pid=$$
while [ "$pid" -gt 1 ] 2>/dev/null; do
  ancestors="$ancestors$pid "
  pid=$(parent_of "$pid")
done

holder=
absence=foreign
for dir in /proc/[0-9]*; do
  pid=${'${dir#/proc/}'}
  comm=
  { read -r comm <"$dir/comm"; } 2>/dev/null
  case "$comm" in sshd | sshd-session) ;; *) continue ;; esac
  ls "$dir/fd" >/dev/null 2>&1 || absence=hidden
  holds "$pid" || continue
  case "$ancestors" in *" $pid "*) verdict own ;; esac
  holder=$pid
  break
done
[ -n "$holder" ] || verdict "$absence"

kill -s TERM "$holder" 2>/dev/null
gone_within 20 && verdict released
kill -s KILL "$holder" 2>/dev/null
gone_within 20 && verdict released
verdict stuck
`;
