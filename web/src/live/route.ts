import { computed, signal } from '@preact/signals';

const hash = signal(location.hash);
addEventListener('hashchange', () => {
  hash.value = location.hash;
  scrollTo(0, 0);
});

/** Index of the past epoch that is looked at; null on the front page. */
export const shownEpoch = computed(() => {
  const found = /^#epoch-(\d{1,12})$/.exec(hash.value);
  return found === null ? null : Number(found[1]);
});

export const epochHref = (index: number): string => `#epoch-${index}`;
