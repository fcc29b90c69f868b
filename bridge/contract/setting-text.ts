/** A setting's value from text, as variables, flags and the command line give it. Validates nothing. Pure. */

export const settingTypes = ['string', 'integer', 'number', 'boolean', 'array'] as const;
export type SettingType = (typeof settingTypes)[number];

/** The value a text stands for; a text that is none of that type stays as it is, for the schema to refuse by name. */
export function parseSettingText(text: string, type: SettingType): unknown {
  switch (type) {
    case 'string':
      return text;
    case 'integer':
    case 'number': {
      const number = Number(text);
      return text.trim() === '' || Number.isNaN(number) ? text : number;
    }
    case 'boolean':
      return { true: true, 1: true, false: false, 0: false }[text.toLowerCase()] ?? text;
    case 'array':
      return text.startsWith('[') ? parseJson(text) : text.split(',').map((part) => part.trim());
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}
