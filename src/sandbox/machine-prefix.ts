/** Places of a container's file system that belong to the container; the rest (/bin, /usr, /dev, …) is read only. */
const ownPlaces = [
  'root',
  'etc',
  'var',
  'tmp',
  'workspace',
  'data',
  'opt',
  'home',
  'run',
  'srv',
  'mnt',
  'app',
  'proc/1',
];
const absolutePath = new RegExp(
  String.raw`(^|[\s"'\x60=:;&|<>(,{])/(?=(?:${ownPlaces.join('|')})(?:$|[/\s"'\x60:;&|<>),}]))`,
  'gm',
);

/**
 * Shell text or a value as it is understood inside the root prefix: absolute paths to a place of the container lead
 * below `root`. A sandbox runs without privileges, so there is no chroot; text hidden from this rewriting (a script
 * in base64, a path put together from pieces) has to go through `$HOME`.
 */
export function prefixed(text: string, root: string): string {
  return text.replace(absolutePath, (slash, before: string, at: number) =>
    text.startsWith(root, at + before.length) ? slash : `${before}${root}/`,
  );
}
