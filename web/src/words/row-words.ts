import { shortId } from './format.ts';

const names: Readonly<Record<string, string>> = {
  epoch: 'Epoch',
  lease: 'Machine',
  service: 'Node',
  registration: 'Registration',
  reconciler: 'Sweep',
  chainClock: 'Chain',
  participant: 'Participant',
  tunnel: 'Tunnel',
  upstream: 'Inference API',
  confirmation: 'Confirmation PoC',
};
/** Their ids are names that people gave. */
const named = new Set(['upstream']);

/** `epoch:137` as `Epoch 137`. */
export function rowName(rowId: string): string {
  const [chart = '', id = ''] = rowId.split(':', 2);
  return `${names[chart] ?? chart} ${named.has(chart) ? id : shortId(id)}`.trim();
}

const phases: Readonly<Record<string, string>> = {
  Inference: 'inference phase',
  PoCGenerate: 'PoC: generation',
  PoCGenerateWindDown: 'PoC: generation winds down',
  PoCValidate: 'PoC: validation',
  PoCValidateWindDown: 'PoC: validation winds down',
};
export const phaseName = (phase: string): string => phases[phase] ?? phase;

const outcomes: Readonly<Record<string, { readonly text: string; readonly tone: 'good' | 'bad' | 'quiet' }>> =
  {
    completed: { text: 'completed', tone: 'good' },
    missed: { text: 'missed', tone: 'bad' },
    failed: { text: 'failed', tone: 'bad' },
    skipped: { text: 'skipped', tone: 'quiet' },
  };
export const outcomeWords = (outcome: string | null): { readonly text: string; readonly tone: string } =>
  (outcome === null ? undefined : outcomes[outcome]) ?? { text: outcome ?? 'under way', tone: 'live' };
