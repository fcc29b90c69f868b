/** Takes tokens and keys out of a line of the log, wherever they got into it. Pure. */

const forms: readonly RegExp[] = [
  /\b(Bearer +)[\w.~+/-]+=*/gi,
  /([?&;](?:access_)?token=)[^&\s"'\\#]+/gi,
  /\b(whsec_)[\w+/]+=*/g,
  /("(?:authorization|access_token|token|secret|password)":")(?:[^"\\]|\\.)*/gi,
  /(\bhttps?:\/\/)[^\s/"@]+@/gi,
];
const MARK = '(hidden)';
/** What each form begins with; a line without any of them is not searched. */
const signs = /bearer|token|whsec_|authorization|secret|password|@/i;

export function hideSecrets(line: string): string {
  if (!signs.test(line)) return line;
  return forms.reduce(
    (text, form) =>
      text.replace(form, (_all, before: string) => `${before}${MARK}${before.startsWith('http') ? '@' : ''}`),
    line,
  );
}
