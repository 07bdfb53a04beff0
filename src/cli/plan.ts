import { parseArguments } from './arguments.ts';
import type { Command } from './command.ts';
import { createDaemonClient } from './daemon-client.ts';
import { exitCodes } from './exit-codes.ts';
import { createPaint } from './paint.ts';
import { table } from './table.ts';

const help = `
Usage: hybrid-mlnode plan [--json]

What the running daemon will do around the next PoC, at which height, what that is expected to cost, how likely a
machine is ready in time and meets every confirmation PoC, what each policy would cost, and why this one was chosen.

Options:
  --json  the plan as one JSON object: {"plan":{...}}

Examples:
  hybrid-mlnode plan
  hybrid-mlnode plan --json | jq .plan.policies

Exit codes: 0 printed, 1 the daemon did not answer, or follows no chain yet, 2 wrong arguments or settings.
`;

export const command: Command = {
  name: 'plan',
  summary: 'Show what will happen around the next PoC, what it costs, and why.',
  help: help.trimStart(),
  run: async (args, io) => {
    const { values } = parseArguments(args, { json: { type: 'boolean', default: false } });
    const body = await createDaemonClient(io).get('/v1/plan');
    const { plan } = JSON.parse(body) as { plan: PlanAnswer | null };
    if (values.json) io.stdout.write(`${body.trim()}\n`);
    else if (plan === null) io.stderr.write('no head of the chain is known yet\n');
    else io.stdout.write(pageOf(plan, createPaint(io.stdout, io.env)));
    return plan === null ? exitCodes.failed : exitCodes.ok;
  },
};

interface Policy {
  readonly expectedUsd: number;
  readonly hours: number;
  readonly chanceToMeetEveryConfirmation: number | null;
}

interface PlanAnswer {
  readonly epochIndex: number;
  readonly height: number;
  readonly mode: string;
  readonly reason: string;
  readonly warning: string | null;
  readonly width: number | null;
  readonly crewMax: number | null;
  readonly steps: readonly {
    readonly what: string;
    readonly height: number;
    readonly blocksLeft: number;
    readonly aboutSeconds: number;
  }[];
  readonly readyChance: number;
  readonly missChance: number;
  readonly expectedLaunches: number;
  readonly expectedWaitSeconds: number;
  readonly usualMachine: { readonly usdPerHour: number; readonly inetDownMbps: number };
  readonly policies: { readonly sprint: Policy; readonly epoch: Policy };
}

function pageOf(plan: PlanAnswer, paint: ReturnType<typeof createPaint>): string {
  const { usualMachine: machine, policies } = plan;
  const steps = plan.steps.map(({ what, height, blocksLeft, aboutSeconds }) => [
    String(height),
    blocksLeft > 0 ? `in ${blocksLeft} blocks` : 'passed',
    blocksLeft > 0 ? span(aboutSeconds) : '',
    what,
  ]);
  const costs = Object.entries(policies).map(([name, policy]) => [
    name === plan.mode ? `${name} *` : name,
    `$${policy.expectedUsd.toFixed(2)}`,
    policy.hours.toFixed(1),
    policy.chanceToMeetEveryConfirmation === null ? '?' : percent(policy.chanceToMeetEveryConfirmation),
  ]);
  return [
    `PoC ${plan.epochIndex}: ${plan.mode} (${plan.reason})\n`,
    ...(plan.warning === null ? [] : [`warning: ${plan.warning}\n`]),
    steps.length === 0 ? '' : table(['HEIGHT', 'BLOCKS', 'ABOUT', 'WHAT'], steps, paint),
    `\nready at poc_start ${percent(plan.readyChance)}, missed ${percent(plan.missChance)}; `,
    `${plan.expectedLaunches.toFixed(1)} launches, ${span(plan.expectedWaitSeconds)} of waiting expected; `,
    `usual machine $${machine.usdPerHour.toFixed(3)}/h, ${machine.inetDownMbps} Mbit/s\n\n`,
    table(['POLICY', 'EXPECTED', 'HOURS', 'MEETS EVERY CONFIRMATION POC'], costs, paint),
  ].join('');
}

const percent = (chance: number): string => `${(100 * chance).toFixed(chance > 0 && chance < 0.01 ? 3 : 1)}%`;

/** `2 h 5 min`, `45 s`. */
export function span(seconds: number): string {
  const whole = Math.round(seconds);
  if (whole < 120) return `${whole} s`;
  if (whole < 7_200) return `${Math.round(whole / 60)} min`;
  return `${Math.floor(whole / 3_600)} h ${Math.round((whole % 3_600) / 60)} min`;
}
