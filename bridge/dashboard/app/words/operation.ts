/** The words in which each operation speaks of its items. Pure. */
import type { OperationName } from '../../../client/index.ts';

type OperationWords = {
  one: string;
  many: string;
  /** Of what is done when a batch is cancelled. */
  kept: string;
};

const words: Readonly<Record<OperationName, OperationWords>> = {
  develop: { one: 'photo', many: 'photos', kept: 'Photos that are done stay.' },
  captions: { one: 'caption', many: 'captions', kept: 'Captions that are published stay.' },
  listings: { one: 'row', many: 'rows', kept: 'Ads that are posted stay.' },
  content: { one: 'record', many: 'records', kept: 'Records that are changed stay so.' },
};

export function operationWords(operation: OperationName): OperationWords {
  return words[operation];
}

/** `120 photos`, `1 photo`; for other operations their own word. */
export function toCount(count: number, operation: OperationName): string {
  const { one, many } = words[operation];
  return `${count.toLocaleString('en')} ${count === 1 ? one : many}`;
}

/** For the beginning of a sentence or a title. */
export function capitalise(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}
