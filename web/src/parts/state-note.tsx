import type { ChartDrawing } from '../../build/chart-drawing.ts';
import { exitWords } from '../words/event-words.ts';
import { stateWords } from '../words/state-words.ts';
import { exitsFrom } from './chart-paths.ts';

/** A state in words: what goes on in it, and what may lead out of it. */
export function StateNote({
  drawing,
  path,
  isActive,
}: {
  drawing: ChartDrawing;
  path: string;
  isActive: boolean;
}) {
  const { title, text } = stateWords(drawing.chart, path);
  const exits = exitsFrom(drawing, path);
  return (
    <div class="note" aria-live="off">
      <p>
        <strong>{title}.</strong> {text}
      </p>
      {exits.length > 0 && (
        <>
          <h4>{isActive ? 'What can happen next' : 'What leads out of it'}</h4>
          <ul class="exits">
            {exits.map((edge) => (
              <li key={`${edge.from}>${edge.to}`}>
                <span>
                  {[...new Set(edge.exits.map(({ event, guard }) => exitWords(event, guard)))].join(', or ')}
                </span>
                <span class="arrow" aria-label="leads to">
                  →
                </span>
                <b>{stateWords(drawing.chart, edge.to).title}</b>
              </li>
            ))}
          </ul>
        </>
      )}
    </div>
  );
}
