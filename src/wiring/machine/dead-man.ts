export interface DeadManOptions {
  readonly vastBaseUrl: string;
  /** Seconds without a renewal after which the machine destroys itself, already divided by `TIME_SCALE`. */
  readonly ttlSeconds: number;
  /** Pause between two looks, seconds. */
  readonly stepSeconds: number;
  /** Pause between two tries of the destruction, seconds. */
  readonly retrySeconds: number;
}

/**
 * The dead-man switch of a rented machine, as shell text: when nobody renewed its life for the time to live, it destroys
 * its own instance with its instance-scoped key, again and again until the provider answers (invariant I7). Time is the
 * kernel's uptime: a clock that is set on the machine neither shortens nor lengthens a life. POSIX shell; curl, wget or
 * python3, whichever is there.
 */
export function deadManScript(options: DeadManOptions): string {
  return `url="${options.vastBaseUrl}/api/v0/instances/$CONTAINER_ID/"
auth="Authorization: Bearer $CONTAINER_API_KEY"
now() { read -r up _ </proc/uptime; echo "\${up%%.*}"; }
seen=$(now)
while :; do
  sleep ${options.stepSeconds}
  last=
  [ ! -f "$HOME/.ghm/pulse" ] || read -r last <"$HOME/.ghm/pulse"
  case $last in '' | *[!0-9]*) ;; *) seen=$last ;; esac
  [ $(($(now) - seen)) -lt ${options.ttlSeconds} ] || break
done
while :; do
  if command -v curl >/dev/null 2>&1; then curl -sS -m 30 -X DELETE -H "$auth" "$url"
  elif command -v wget >/dev/null 2>&1; then wget -q -O - -T 30 --method=DELETE --header="$auth" "$url"
  else python3 -c 'import sys,urllib.request as r; print(r.urlopen(r.Request(sys.argv[1],method="DELETE",headers={"Authorization":sys.argv[2][15:]}),timeout=30).read())' "$url" "$auth"
  fi
  sleep ${options.retrySeconds}
done`;
}

/** Run over SSH: the machine's life begins anew. */
export const renewCommand = 'read -r up _ </proc/uptime && echo "${up%%.*}" >"$HOME/.ghm/pulse"';
