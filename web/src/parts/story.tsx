import { now } from '../live/clock.ts';
import { type StateStep, withoutReplanning } from '../live/row-story.ts';
import { eventFault, eventWords } from '../words/event-words.ts';
import { duration, time } from '../words/format.ts';
import { stateWords } from '../words/state-words.ts';

/** The way that a row came, newest state first: when, for how long, and why. */
export function Story({
  chart,
  steps,
  isLive,
}: {
  chart: string;
  steps: readonly StateStep[];
  isLive: boolean;
}) {
  return (
    <ol class="story" reversed>
      {withoutReplanning(steps)
        .toReversed()
        .map((step, place, all) => {
          const until = place === 0 ? (isLive ? now.value : step.at) : (all[place - 1]?.at ?? step.at);
          const fault = eventFault(step.event);
          return (
            <li key={step.seq} class={place === 0 && isLive ? 'active' : ''}>
              <time dateTime={new Date(step.at).toISOString()}>{time(step.at)}</time>
              <div>
                <b>{stateWords(chart, step.path).title}</b>
                {(place > 0 || isLive) && <span class="quiet"> for {duration(until - step.at)}</span>}
                <p class="quiet">
                  {eventWords(step.event.type)}
                  {fault !== null && <span class="fault"> {fault}</span>}
                </p>
              </div>
            </li>
          );
        })}
    </ol>
  );
}
