/** CSV as spreadsheet programs write it (RFC 4180, and with `;` or tabs), into records of texts. Pure. */

/** Empty lines are left out. Null: a quotation mark is never closed. */
export function parseCsv(text: string): string[][] | null {
  const delimiter = guessDelimiter(text);
  const records: string[][] = [];
  let record: string[] = [];
  let value = '';
  let isQuoted = false;
  const endRecord = () => {
    record.push(value);
    if (record.length > 1 || record[0] !== '') records.push(record);
    record = [];
    value = '';
  };
  for (let at = 0; at < text.length; at += 1) {
    const sign = text.charAt(at);
    if (isQuoted) {
      if (sign !== '"') value += sign;
      else if (text[at + 1] === '"') {
        value += '"';
        at += 1;
      } else isQuoted = false;
    } else if (sign === '"' && value === '') isQuoted = true;
    else if (sign === delimiter) {
      record.push(value);
      value = '';
    } else if (sign === '\n' || sign === '\r') endRecord();
    else value += sign;
  }
  if (isQuoted) return null;
  endRecord();
  return records;
}

/** The one that is most in the first line. */
function guessDelimiter(text: string): string {
  const [header = ''] = text.split(/\r?\n/, 1);
  const [best = ','] = [',', ';', '\t'].sort((a, b) => header.split(b).length - header.split(a).length);
  return best;
}
