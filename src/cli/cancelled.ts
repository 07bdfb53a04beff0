/** A person pressed Ctrl-C at a prompt. Exit code 130. */
export class Cancelled extends Error {
  override readonly name = 'Cancelled';
}
