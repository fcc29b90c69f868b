/** Dark, light, or as the system has it. Kept in this browser. */
export const themes = ['auto', 'dark', 'light'] as const;
export type Theme = (typeof themes)[number];

const KEY = 'photo-bridge-theme';

export function loadTheme(): Theme {
  const kept = localStorage.getItem(KEY);
  return themes.find((theme) => theme === kept) ?? 'auto';
}

export function saveTheme(theme: Theme): void {
  localStorage.setItem(KEY, theme);
  applyTheme(theme);
}

export function applyTheme(theme: Theme): void {
  document.documentElement.dataset.theme = theme;
}
