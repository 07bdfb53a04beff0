import type { Step } from '../live/model.ts';

const titles: Readonly<Record<string, string>> = {
  approach: 'Every block is followed',
  rent: 'A machine is rented',
  launch: 'One more, if none is ready',
  pocStart: 'PoC begins',
  generationEnd: 'Generation ends',
  validationEnd: 'Validation ends',
  validationEndAndRelease: 'Validation ends, machine goes back',
  release: 'The machine goes back',
};

export const stepTitle = (step: Step): string => titles[step.key] ?? step.what;
