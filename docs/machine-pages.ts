import { chainClockMachine } from '../src/machines/chain-clock.ts';
import { confirmationMachine } from '../src/machines/confirmation.ts';
import { epochMachine } from '../src/machines/epoch.ts';
import { leaseMachine } from '../src/machines/lease.ts';
import { participantMachine } from '../src/machines/participant.ts';
import { reconcilerMachine } from '../src/machines/reconciler.ts';
import { registrationMachine } from '../src/machines/registration.ts';
import { serviceMachine } from '../src/machines/service.ts';
import { toMermaid } from '../src/machines/to-mermaid.ts';
import { tunnelMachine } from '../src/machines/tunnel.ts';
import { upstreamMachine } from '../src/machines/upstream.ts';

const charts = [
  {
    name: 'epoch',
    machine: epochMachine,
    about:
      'One row an upcoming PoC. Its plan (heights, mode) is data from `src/policy`; phases change by chain height alone.',
  },
  {
    name: 'lease',
    machine: leaseMachine,
    about:
      'One row a rental attempt, from the intent to the proof that the machine is gone. The only chart that moves money.',
  },
  {
    name: 'service',
    machine: serviceMachine,
    about:
      'What the permanent node presents to the Network Node, answered from memory whatever the machine does.',
  },
  {
    name: 'confirmation',
    machine: confirmationMachine,
    about:
      "Confirmation PoC, one at a time: the chain's word decides the phase, our outbox whether it was served.",
  },
  {
    name: 'registration',
    machine: registrationMachine,
    about: 'The node definition at the admin API: upsert, then the list is the proof.',
  },
  {
    name: 'reconciler',
    machine: reconcilerMachine,
    about: 'Machines of this deployment that no lease knows are destroyed.',
  },
  {
    name: 'chain-clock',
    machine: chainClockMachine,
    about: 'Two regions: asking the sources, and what their answers mean. In memory only.',
  },
  {
    name: 'tunnel',
    machine: tunnelMachine,
    about: 'One SSH connection to one machine. In memory only.',
  },
  {
    name: 'participant',
    machine: participantMachine,
    about:
      "Whether the chain knows the host's account (`GONKA_HOST_ADDRESS`). Only a person cares. In memory.",
  },
  {
    name: 'upstream',
    machine: upstreamMachine,
    about: 'The breaker of one inference back end, fed by its faults alone. In memory.',
  },
] as const;

/** `docs/machines/`: one page a chart, drawn from the chart itself. */
export function machinePages(notice: string): readonly { readonly path: string; readonly text: string }[] {
  const pages = charts.map(({ name, machine, about }) => ({
    path: `docs/machines/${name}.md`,
    text: `${notice}\n# The ${name.replace('-', ' ')} chart\n\n${about}\n\nSource: [src/machines/${name}.ts](../../src/machines/${name}.ts).\n\n\`\`\`mermaid\n${toMermaid(machine)}\n\`\`\`\n`,
  }));
  const list = charts.map(({ name, about }) => `* [${name}](${name}.md) – ${about}`).join('\n');
  return [...pages, { path: 'docs/machines/index.md', text: `${notice}\n# The charts\n\n${list}\n` }];
}
