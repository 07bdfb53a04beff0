import { useEffect } from 'preact/hooks';
import { useSignal } from '@preact/signals';
import { connection, lostAt } from '../live/link.ts';
import { duration } from '../words/format.ts';

/** While the daemon is away: the page stays as it was and says so. */
export function LostBanner() {
  const away = useSignal(0);
  const isLost = connection.value === 'lost';
  useEffect(() => {
    if (!isLost) return undefined;
    const beat = (): void => {
      away.value = Date.now() - (lostAt.peek() ?? Date.now());
    };
    beat();
    const timer = setInterval(beat, 1_000);
    return () => clearInterval(timer);
  }, [isLost]);
  if (!isLost) return null;
  return (
    <div class="banner" role="alert">
      <b>The daemon does not answer{away.value > 1_500 ? ` for ${duration(away.value)}` : ''}.</b> What you
      see is the last that it said. The page goes on by itself when it is back. Machines that it held end by
      themselves at their time to live.
    </div>
  );
}
