import { useSignal } from '@preact/signals';
import { keepToken, token } from '../live/api.ts';

/** Asks for INSPECTION_TOKEN. It stays in this tab and goes out in a header alone. */
export function Unlock() {
  const wasRefused = token.value !== null;
  const text = useSignal('');
  return (
    <main id="main" class="unlock">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (text.value.trim() !== '') keepToken(text.value.trim());
        }}
      >
        <h2>This page needs the token</h2>
        <p class="quiet">
          It is <code>INSPECTION_TOKEN</code> of the daemon’s settings. It is kept in this tab until you close
          it.
        </p>
        <label for="token">Token</label>
        <input
          id="token"
          type="password"
          autocomplete="current-password"
          autofocus
          required
          aria-invalid={wasRefused}
          aria-describedby="token-fault"
          value={text.value}
          onInput={(event) => {
            text.value = event.currentTarget.value;
          }}
        />
        <p id="token-fault" class="fault" role="alert">
          {wasRefused ? 'The daemon does not take that one.' : ''}
        </p>
        <button type="submit">Open</button>
      </form>
    </main>
  );
}
