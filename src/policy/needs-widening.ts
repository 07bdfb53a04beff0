/** The wishes of a search that may give way; all its other needs never do. */
export interface WidenableNeeds {
  readonly gpuNames?: readonly string[];
  readonly reliabilityMin: number;
  readonly inetDownMbpsMin: number;
}

interface Step {
  /** Taken once no more than this share of the lead is left. */
  readonly leadLeft: number;
  readonly reliabilityMin: number;
  /** Of what is asked for. */
  readonly inetShare: number;
  readonly isAnyGpu: boolean;
}

const steps: readonly Step[] = [
  { leadLeft: 1, reliabilityMin: 1, inetShare: 1, isAnyGpu: false },
  { leadLeft: 0.75, reliabilityMin: 0.93, inetShare: 1, isAnyGpu: false },
  { leadLeft: 0.5, reliabilityMin: 0.9, inetShare: 0.5, isAnyGpu: false },
  { leadLeft: 0.25, reliabilityMin: 0.85, inetShare: 0.25, isAnyGpu: true },
];

/** The widest level; 0 = as the operator asks. */
export const wideningMax = steps.length - 1;

/** The level that is allowed with so much of the lead left; a machine that is wanted at once may be of the widest. */
export function wideningAllowed(leftMs: number, leadMs: number): number {
  if (leadMs <= 0) return wideningMax;
  return Math.max(
    0,
    steps.findLastIndex(({ leadLeft }) => leftMs / leadMs <= leadLeft + 1e-9),
  );
}

/** Share of the lead that is left when that level begins. */
export const wideningBegins = (level: number): number => stepOf(level).leadLeft;

/**
 * The same needs at a level: a machine that is a little less sure is better than none when the deadline nears. Price,
 * memory, CUDA, disk and duration stay as they are, and nothing becomes narrower.
 */
export function widenedNeeds<Needs extends WidenableNeeds>(needs: Needs, level: number): Needs {
  const step = stepOf(level);
  const { gpuNames, ...others } = needs;
  return {
    ...others,
    ...(gpuNames === undefined || step.isAnyGpu ? {} : { gpuNames }),
    reliabilityMin: Math.min(needs.reliabilityMin, step.reliabilityMin),
    inetDownMbpsMin: needs.inetDownMbpsMin * step.inetShare,
  } as Needs;
}

/** What a level asks for, in a few words; null when it is no wider than the one before. */
export function wideningSentence(needs: WidenableNeeds, level: number): string | null {
  const [before, now] = [widenedNeeds(needs, level - 1), widenedNeeds(needs, level)];
  const parts = [
    now.reliabilityMin < before.reliabilityMin ? `reliability of ${now.reliabilityMin}` : '',
    now.inetDownMbpsMin < before.inetDownMbpsMin ? `a line of ${now.inetDownMbpsMin} Mbit/s` : '',
    before.gpuNames !== undefined && now.gpuNames === undefined ? 'any GPU with the memory' : '',
  ].filter((part) => part !== '');
  return parts.length === 0 ? null : parts.join(', ');
}

const stepOf = (level: number): Step =>
  steps[Math.min(wideningMax, Math.max(0, level))] ?? (steps[0] as Step);
