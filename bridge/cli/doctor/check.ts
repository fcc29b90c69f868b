/** One finding of `doctor`. Types and their makers; judges nothing. */
export type CheckStatus = 'ok' | 'warning' | 'problem';
export type Check = {
  name: string;
  status: CheckStatus;
  /** What was found. */
  detail: string;
  /** What to do; always there when it is not ok. */
  remedy?: string;
};

export function ok(name: string, detail: string): Check {
  return { name, status: 'ok', detail };
}

/** It works, but not as well or as safely as it could. */
export function warning(name: string, detail: string, remedy: string): Check {
  return { name, status: 'warning', detail, remedy };
}

/** It does not work, or photos are at risk. */
export function problem(name: string, detail: string, remedy: string): Check {
  return { name, status: 'problem', detail, remedy };
}
