import { now } from '../live/clock.ts';
import { otherRows } from '../live/current.ts';
import { type Row, statePath } from '../live/model.ts';
import { duration } from '../words/format.ts';
import { otherWords } from '../words/other-words.ts';
import { rowName } from '../words/row-words.ts';
import { stateWords } from '../words/state-words.ts';

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
              <td>{standing(row)}</td>
              <td class="number quiet">{duration(now.value - row.updatedAt)} ago</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

/** Of a parallel chart each region that has something to say. */
const standing = ({ chart, value }: Row): string =>
  statePath(value)
    .split(' ')
    .map((path) => otherWords(chart, path) ?? stateWords(chart, path).title.toLowerCase())
    .filter((text) => text !== '')
    .join(', ');
