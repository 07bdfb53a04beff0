import { UsageError } from './arguments.ts';

/** A line that is longer is no line of ours. */
const longestLine = 1024 * 1024;

/** The first line of an input, without its end. Throws UsageError when the input ends before, or the line never does. */
export async function readLine(input: AsyncIterator<Buffer | string>): Promise<string> {
  let text = '';
  for (;;) {
    const { value, done } = await input.next();
    if (done) throw new UsageError('stdin ended before its first line was complete');
    text += value.toString();
    const end = text.indexOf('\n');
    if (end !== -1) return text.slice(0, end);
    if (text.length > longestLine) throw new UsageError('the first line of stdin is too long');
  }
}
