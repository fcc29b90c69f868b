/** The texts of captions that were sent from this page, for as long as it is open: the daemon's answers do not repeat them. */
export type CaptionText = { post: string; text: string };

const kept = new Map<string, ReadonlyMap<string, CaptionText>>();
const none: ReadonlyMap<string, CaptionText> = new Map();

/** `texts`: by image id. */
export function saveCaptionTexts(batchId: string, texts: ReadonlyMap<string, CaptionText>): void {
  kept.set(batchId, texts);
}

export function loadCaptionTexts(batchId: string): ReadonlyMap<string, CaptionText> {
  return kept.get(batchId) ?? none;
}
