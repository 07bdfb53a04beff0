import type { Plugin } from 'vite';
import { chartGraph } from '../../src/machines/chart-graph.ts';
import { confirmationMachine } from '../../src/machines/confirmation.ts';
import { epochMachine } from '../../src/machines/epoch.ts';
import { leaseMachine } from '../../src/machines/lease.ts';
import { registrationMachine } from '../../src/machines/registration.ts';
import { serviceMachine } from '../../src/machines/service.ts';
import { layOutChart } from './chart-layout.ts';

const name = 'virtual:drawn-charts';
const charts = [epochMachine, leaseMachine, serviceMachine, confirmationMachine, registrationMachine];

/** `virtual:drawn-charts`: the very charts that the daemon runs, laid out while the page is built. */
export function drawnCharts(): Plugin {
  return {
    name: 'drawn-charts',
    resolveId: (id) => (id === name ? `\0${name}` : undefined),
    load: async (id) => {
      if (id !== `\0${name}`) return undefined;
      const drawings = await Promise.all(charts.map((machine) => layOutChart(chartGraph(machine))));
      return `export default ${JSON.stringify(drawings)};`;
    },
  };
}
