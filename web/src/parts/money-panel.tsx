import { money } from '../live/books.ts';
import type { MoneyAnswer } from '../live/model.ts';
import { epochHref } from '../live/route.ts';
import { dollars, percent } from '../words/format.ts';
import { outcomeWords } from '../words/row-words.ts';

const epochsShown = 10;

/** Spent, reserved, left; what the last PoCs cost. */
export function MoneyPanel() {
  const costs = money.value;
  if (costs === null) return null;
  const { spentMicroUsd, reservedMicroUsd, capMicroUsd } = costs.today;
  const share = (part: number): string => `${Math.min(100, (100 * part) / Math.max(1, capMicroUsd))}%`;
  return (
    <section class="card" aria-labelledby="money-title">
      <header>
        <h2 id="money-title">Money</h2>
        <p class="quiet">Today, UTC</p>
      </header>
      <div
        class="meter"
        role="img"
        aria-label={`${dollars(spentMicroUsd)} spent and ${dollars(reservedMicroUsd)} reserved of ${dollars(capMicroUsd)}`}
      >
        <i class="spent" style={{ width: share(spentMicroUsd) }} />
        <i class="reserved" style={{ width: share(reservedMicroUsd) }} />
      </div>
      <dl class="figures">
        <div>
          <dt>
            <i class="swatch spent" />
            Spent
          </dt>
          <dd>{dollars(spentMicroUsd)}</dd>
        </div>
        <div>
          <dt>
            <i class="swatch reserved" />
            Reserved, at worst
          </dt>
          <dd>{dollars(reservedMicroUsd)}</dd>
        </div>
        <div>
          <dt>Left of the cap</dt>
          <dd>
            {dollars(Math.max(0, capMicroUsd - spentMicroUsd - reservedMicroUsd))}
            <small>
              {' '}
              {percent(Math.max(0, 1 - (spentMicroUsd + reservedMicroUsd) / Math.max(1, capMicroUsd)))}
            </small>
          </dd>
        </div>
        <div>
          <dt>Inference today</dt>
          <dd>{dollars((costs.inference as { spentTodayMicroUsd?: number }).spentTodayMicroUsd ?? 0)}</dd>
        </div>
        <div>
          <dt>Highest price taken</dt>
          <dd>{dollars(costs.priceCapMicroUsdPerHour)}/h</dd>
        </div>
        <div>
          <dt>Machines that ended</dt>
          <dd>{dollars(costs.settledEverMicroUsd)}</dd>
        </div>
      </dl>
      <EpochCosts epochs={costs.epochs.slice(0, epochsShown)} cap={costs.epochCapMicroUsd} />
    </section>
  );
}

function EpochCosts({ epochs, cap }: { epochs: MoneyAnswer['epochs']; cap: number | null }) {
  const most = Math.max(
    1,
    ...epochs.map(({ spentMicroUsd, reservedMicroUsd }) => spentMicroUsd + reservedMicroUsd),
  );
  return (
    <>
      <h3>Cost of the last PoCs{cap !== null && <span class="quiet"> (cap {dollars(cap)})</span>}</h3>
      <table class="costs">
        <thead>
          <tr>
            <th>Epoch</th>
            <th class="visually-hidden">Share</th>
            <th class="number">Cost</th>
            <th class="number">for 1000 nonces</th>
          </tr>
        </thead>
        <tbody>
          {epochs.map((epoch) => (
            <tr key={epoch.epochIndex}>
              <th scope="row">
                <a href={epochHref(epoch.epochIndex)}>{epoch.epochIndex}</a>
              </th>
              <td class="cost-bar">
                <i
                  class={`spent ${outcomeWords(epoch.outcome).tone}`}
                  style={{ width: `${(100 * epoch.spentMicroUsd) / most}%` }}
                />
                <i class="reserved" style={{ width: `${(100 * epoch.reservedMicroUsd) / most}%` }} />
              </td>
              <td class="number">
                {epoch.outcome === null && epoch.reservedMicroUsd > 0
                  ? `≤ ${dollars(epoch.spentMicroUsd + epoch.reservedMicroUsd)}`
                  : dollars(epoch.spentMicroUsd)}
              </td>
              <td class="number">
                {epoch.costPerThousandNoncesMicroUsd === null
                  ? '–'
                  : dollars(epoch.costPerThousandNoncesMicroUsd)}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </>
  );
}
