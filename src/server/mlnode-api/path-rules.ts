/** `v3.0.8`, `v3.0.14-post2`; never a bare `v1`, which is a part of the API's own paths. */
const versionPrefix = /^\/v\d+(?:\.\d+)+(?:-[a-z0-9]+)?(?=\/)/;
const doubledApi = /^\/api\/v1(?=\/api\/v1\/)/;
const doubledV1 = /^\/v1(?=\/v1\/)/;
/** Completions under the management prefix, which clients of the earlier automation use. */
const misplacedV1 = /^\/api(?=\/v1\/(?:chat\/)?completions(?:$|\?))/;

/**
 * The path as the routes know it, query untouched. The Network Node puts the ML node version of the last upgrade in
 * front of every path, and a segment in the node's definition doubles `/api/v1` or `/v1`
 * (docs/reference/protocol.md "URLs"). Each is taken away once; anything else stays and finds no route, so nobody
 * reaches a management call under a path of his own choice.
 */
export function gatewayPath(url: string): string {
  return decodablePath(url)
    .replace(versionPrefix, '')
    .replace(doubledApi, '')
    .replace(doubledV1, '')
    .replace(misplacedV1, '');
}

/** Longest parameter in a path: as long as Node lets a request line be, so that the router never refuses one. */
export const pathParameterCharsMax = 16_384;

/**
 * The path with escapes that are none taken for their characters, as the real node has it. The router would refuse
 * such a path by itself: before the gate, and in words that repeat it.
 */
export function decodablePath(url: string): string {
  if (!url.includes('%')) return url;
  const [path = ''] = url.split('?', 1);
  try {
    decodeURI(path);
    return url;
  } catch {
    return path.replaceAll('%', '%25') + url.slice(path.length);
  }
}
