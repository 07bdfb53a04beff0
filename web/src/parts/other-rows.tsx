import { now } from '../live/clock.ts';
import { otherRows } from '../live/current.ts';
import { statePath } from '../live/model.ts';
import { duration } from '../words/format.ts';
import { rowName } from '../words/row-words.ts';
import { spaced } from '../words/state-words.ts';

/** The rest of the house, a line each. */
export function OtherRows() {
  const rows = otherRows.value;
  return (
    <section class="card" aria-labelledby="others-title">
      <header>
        <h2 id="others-title">The rest of the house</h2>
      </header>
      <table class="others">
        <tbody>
          {rows.map((row) => (
            <tr key={row.id}>
              <th scope="row">{rowName(row.id)}</th>
              <td>
                {statePath(row.value)
                  .split(' ')
                  .map((path) => spaced(path.split('.').at(-1) ?? path))
                  .join(', ')}
              </td>
              <td class="number quiet">{duration(now.value - row.updatedAt)} ago</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
