import { heightNow, timeScale } from '../live/clock.ts';
import { connection, state } from '../live/link.ts';
import { type Theme, theme } from '../live/theme.ts';
import { height } from '../words/format.ts';
import { phaseName } from '../words/row-words.ts';

const texts = { connecting: 'connecting', live: 'live', lost: 'reconnecting', locked: 'locked' } as const;
const standings: Readonly<Record<string, string>> = {
  syncing: 'no block seen yet',
  stale: 'no new block for a while',
  halted: 'the chain stands still',
};
const themes: readonly Theme[] = ['system', 'light', 'dark'];

/** Who this is, where the chain is, and whether the page is up to date. */
export function TopBar() {
  const seen = state.value;
  const next = themes[(themes.indexOf(theme.value) + 1) % themes.length] ?? 'system';
  return (
    <header class="top">
      <a class="skip" href="#main">
        Skip to the content
      </a>
      <h1>hybrid node {seen !== null && <span class="quiet">{seen.daemon.nodeId}</span>}</h1>
      {seen?.chain != null && (
        <p class="head">
          <span class="quiet">block</span> <b>{height(heightNow.value ?? seen.chain.height)}</b>
          <span class={`phase ${seen.chain.phase.startsWith('PoC') ? 'poc' : ''}`}>
            {phaseName(seen.chain.phase)}
          </span>
          {standings[seen.chain.standing] !== undefined && (
            <span class="chip bad">{standings[seen.chain.standing]}</span>
          )}
        </p>
      )}
      <p class={`link ${connection.value}`} role="status">
        <i aria-hidden="true" />
        {texts[connection.value]}
        {timeScale.value !== 1 && <span class="chip quiet">sandbox, time × {timeScale.value}</span>}
      </p>
      <button
        type="button"
        class="plain theme"
        aria-label={`Colours: ${theme.value}. Change to ${next}.`}
        onClick={() => {
          theme.value = next;
        }}
      >
        {theme.value === 'system' ? '◐' : theme.value === 'light' ? '☀' : '☾'} <span>{theme.value}</span>
      </button>
    </header>
  );
}
