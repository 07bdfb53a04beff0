/**
 * Replaces the value of one member of a JSON object and leaves every other character as it is: spaces, the order of
 * the fields, `1e-07` beside `1e-7`. `raw` must be a valid JSON object; a text without the member comes back as it
 * was. Works on any text whose structural characters are ASCII, bytes decoded as latin1 included.
 */
export function spliceMember(raw: string, name: string, valueJson: string): string {
  let result = '';
  let kept = 0;
  let at = skipSpace(raw, raw.indexOf('{') + 1);
  // A name may stand twice; readers take the last one, so each is replaced.
  while (raw[at] === '"') {
    const keyEnd = endOfString(raw, at);
    const start = skipSpace(raw, skipSpace(raw, keyEnd) + 1);
    const end = endOfValue(raw, start);
    if (JSON.parse(raw.slice(at, keyEnd)) === name) {
      result += raw.slice(kept, start) + valueJson;
      kept = end;
    }
    at = skipSpace(raw, end);
    if (raw[at] === ',') at = skipSpace(raw, at + 1);
  }
  return result + raw.slice(kept);
}

function skipSpace(raw: string, from: number): number {
  let at = from;
  while (raw[at] === ' ' || raw[at] === '\n' || raw[at] === '\r' || raw[at] === '\t') at += 1;
  return at;
}

function endOfString(raw: string, start: number): number {
  let at = start + 1;
  while (at < raw.length && raw[at] !== '"') at += raw[at] === '\\' ? 2 : 1;
  return at + 1;
}

function endOfValue(raw: string, start: number): number {
  if (raw[start] === '"') return endOfString(raw, start);
  if (raw[start] !== '{' && raw[start] !== '[') return endOfScalar(raw, start);
  let depth = 0;
  for (let at = start; at < raw.length; at += 1) {
    const char = raw[at];
    if (char === '"') at = endOfString(raw, at) - 1;
    else if (char === '{' || char === '[') depth += 1;
    else if (char === '}' || char === ']') depth -= 1;
    if (depth === 0) return at + 1;
  }
  return raw.length;
}

function endOfScalar(raw: string, start: number): number {
  let at = start;
  while (at < raw.length && !',} \n\r\t'.includes(raw.charAt(at))) at += 1;
  return at;
}
