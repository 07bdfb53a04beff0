import type { Config } from '../../config/config.ts';
import { fleetWidth } from '../../policy/poc-version.ts';
import type { Daemon } from '../daemon.ts';
import type { Log } from '../log.ts';

/** Says at each PoC that is planned why it is not shared among as many machines as the settings ask for. */
export function tellFleetRefusals(
  config: { readonly rental: Pick<Config['rental'], 'fleetWidth'> },
  daemon: {
    readonly rows: Pick<Daemon['rows'], 'onStep'>;
    readonly planning: Pick<Daemon['planning'], 'pocVersion'>;
  },
  log: Log,
): () => void {
  return daemon.rows.onStep(({ chart, rowId, event }) => {
    if (chart !== 'epoch' || event.type !== 'xstate.init') return;
    const { refusal } = fleetWidth(config.rental.fleetWidth, daemon.planning.pocVersion());
    if (refusal !== null) log.warn({ rowId, refusal }, 'fleet.refused');
  });
}
