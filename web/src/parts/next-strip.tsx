import { now } from '../live/clock.ts';
import { currentEpoch } from '../live/current.ts';
import { state } from '../live/link.ts';
import type { Step, Timer } from '../live/model.ts';
import { duration, height, spread, time } from '../words/format.ts';
import { eventWords } from '../words/event-words.ts';
import { rowName } from '../words/row-words.ts';
import { stepTitle } from '../words/step-words.ts';

const shownMax = 5;

/** Limits of machines are worth a word; the pauses of the house are not. */
const isLimit = ({ rowId, event }: Timer): boolean => rowId.startsWith('lease:') && event.endsWith('Limit');

/** Of several launches in a row only the next is a step of its own. */
const isFirstLaunch = (step: Step, place: number, all: readonly Step[]): boolean =>
  step.key !== 'launch' ||
  all.findIndex(({ key, epochIndex }) => key === 'launch' && epochIndex === step.epochIndex) === place;

/** What happens next, when, and how sure that is. */
export function NextStrip() {
  const epochIndex = currentEpoch.value?.epochIndex;
  const plan = state.value?.plan;
  if (plan == null) return null;
  const items = [
    ...joined(plan.steps.filter(isFirstLaunch)).map((step) => ({
      at: step.aboutAt,
      item: <StepItem step={step} isOfAnother={step.epochIndex !== epochIndex} />,
    })),
    ...plan.timers.filter(isLimit).map((timer) => ({ at: timer.dueAt, item: <TimerItem timer={timer} /> })),
  ].toSorted((a, b) => a.at - b.at);
  return (
    <section class="next" aria-labelledby="next-title">
      <h2 id="next-title">What happens next</h2>
      {items.length === 0 && (
        <p class="quiet">Nothing is planned. The next PoC is epoch {plan.nextPocEpoch}.</p>
      )}
      <ol>
        {items.slice(0, shownMax).map(({ item }, place) => (
          <li key={place}>{item}</li>
        ))}
      </ol>
    </section>
  );
}

/** The end of validation and the return of the machine are one moment, unless it is kept. */
const joined = (steps: readonly Step[]): readonly Step[] =>
  steps
    .filter(
      ({ key, height: at }) =>
        key !== 'release' || !steps.some((other) => other.key === 'validationEnd' && other.height === at),
    )
    .map((step) =>
      step.key === 'validationEnd' &&
      steps.some((other) => other.key === 'release' && other.height === step.height)
        ? { ...step, key: 'validationEndAndRelease' }
        : step,
    );

function StepItem({ step, isOfAnother }: { step: Step; isOfAnother: boolean }) {
  const left = step.aboutAt - now.value;
  return (
    <>
      <b>{stepTitle(step)}</b>
      <span class="when">
        {left > 0 ? `in ${duration(left)}` : 'any moment'} <small>{spread(step.spreadMs)}</small>
      </span>
      <span class="quiet">
        {isOfAnother && `epoch ${step.epochIndex} · `}block {height(step.height)} · {time(step.aboutAt)}
      </span>
    </>
  );
}

/** A limit that runs: it comes only if nothing else comes before. */
function TimerItem({ timer }: { timer: Timer }) {
  return (
    <>
      <b class="limit">{rowName(timer.rowId)}: limit</b>
      <span class="when">
        in {duration(timer.dueAt - now.value)} <small>at the latest</small>
      </span>
      <span class="quiet">else {eventWords(timer.event)}</span>
    </>
  );
}
