import type { Fields } from './completion-chunk.ts';

/**
 * The text of an answer, or of a chunk, under the model id that the caller knows. The text itself is kept wherever
 * one replacement in it does the work: inside strings a quotation mark is escaped, so what matches is a field.
 * `model` in the encoding of `text` (latin1 text takes the bytes of its UTF-8).
 */
export function restoredModel(text: string, object: Fields, model: string): string {
  const theirs = object['model'];
  if (theirs === model) return text;
  if (typeof theirs === 'string') {
    const field = `"model":${JSON.stringify(theirs)}`;
    const at = text.indexOf(field);
    if (at >= 0 && !text.includes(field, at + field.length)) {
      return `${text.slice(0, at)}"model":${JSON.stringify(model)}${text.slice(at + field.length)}`;
    }
  }
  return JSON.stringify({ ...object, model });
}

/** UTF-8 bytes as the characters of a latin1 string: what a latin1 text needs to carry them. */
export const asLatin1 = (text: string): string => Buffer.from(text, 'utf8').toString('latin1');
