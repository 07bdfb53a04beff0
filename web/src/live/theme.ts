import { effect, signal } from '@preact/signals';

export type Theme = 'system' | 'light' | 'dark';
const key = 'theme';
const kept = localStorage.getItem(key);

/** What the reader chose; `system` follows the computer. */
export const theme = signal<Theme>(kept === 'light' || kept === 'dark' ? kept : 'system');

effect(() => {
  if (theme.value === 'system') {
    localStorage.removeItem(key);
    delete document.documentElement.dataset['theme'];
  } else {
    localStorage.setItem(key, theme.value);
    document.documentElement.dataset['theme'] = theme.value;
  }
});

const darkSystem = matchMedia('(prefers-color-scheme: dark)');
const systemDark = signal(darkSystem.matches);
darkSystem.addEventListener('change', () => {
  systemDark.value = darkSystem.matches;
});
export const isDark = (): boolean => theme.value === 'dark' || (theme.value === 'system' && systemDark.value);
