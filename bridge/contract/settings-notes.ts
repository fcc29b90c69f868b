/** What is said of a setting beside its schema, for people and for those who decide what may change it. Pure. */

/**
 * What editors, `GET /settings` and the README say of a setting. `x-restart`: a change counts from the next start on.
 * `x-guard`: it decides who gets in or what they may reach, so no web page may change it. `x-secret`: never shown.
 */
export type SettingNotes = { description: string; 'x-restart'?: true; 'x-guard'?: true; 'x-secret'?: true };
export const live = (description: string): SettingNotes => ({ description });
export const restart = (description: string): SettingNotes => ({ description, 'x-restart': true });
export const guard = (notes: SettingNotes): SettingNotes => ({ ...notes, 'x-guard': true });
