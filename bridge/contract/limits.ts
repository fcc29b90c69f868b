/** Input limits that schemas need at parse time. Bounds only; which of them are settings is in `settings.ts`. */
export const MAX_PHOTOS_PER_BATCH = 1_000_000;
export const MAX_PATH_LENGTH = 4096;
export const MAX_NAME_LENGTH = 255;
export const MAX_TEXT_LENGTH = 1000;
export const MAX_CHANNELS = 1000;
export const MIN_PAGE = 1;
export const MAX_PAGE = 1000;
export const DEFAULT_PAGE = 100;
