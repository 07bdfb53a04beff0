/**
 * A POSIX shell command that ends a command of this same connection, by the number of its shell: SIGTERM to its whole
 * group (sshd makes every command without a pty the leader of one), SIGKILL a second later. A process that is not a
 * child of the sshd child behind this connection is left alone, so a number that was given out again harms nobody.
 */
export function processEndCommand(pid: number): string {
  return `pid=${pid}\n${script}`;
}

const script = String.raw`
grep -q "^PPid:[[:space:]]*$PPID\$" "/proc/$pid/status" 2>/dev/null || exit 0
kill -s TERM -- "-$pid" 2>/dev/null || kill -s TERM "$pid" 2>/dev/null
sleep 1
kill -s KILL -- "-$pid" 2>/dev/null
exit 0
`;
