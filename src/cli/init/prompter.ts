/** How `init` asks a person. Every question throws Cancelled on Ctrl-C. */
export interface Prompter {
  say(text: string): void;
  /** `problem` returns what is wrong with an answer, which is then asked again. */
  text(question: Question): Promise<string>;
  /** As `text`, unseen; an empty answer takes `initial`, which is not shown. */
  secret(question: Question): Promise<string>;
  choose(message: string, options: readonly Choice[], initial: string): Promise<string>;
  confirm(message: string): Promise<boolean>;
}

export interface Question {
  readonly message: string;
  readonly initial: string | undefined;
  readonly problem: (answer: string) => string | undefined;
}

export interface Choice {
  readonly value: string;
  readonly label: string;
}
