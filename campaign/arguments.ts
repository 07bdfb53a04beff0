/** The whole number behind an option. Ends the program with 64 for anything else. */
export function wholeNumber(name: string, text: string): number {
  if (!/^\d+$/.test(text)) {
    console.error(`--${name} must be a whole number; it is "${text}"`);
    process.exit(64);
  }
  return Number(text);
}

/** A fresh seed; whoever draws one prints it. */
export const drawnSeed = (): number => Math.floor(Math.random() * 2 ** 31);
