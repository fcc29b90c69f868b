/** What `http/` may ask of the templates, and what they need of the disk. Types only. */
import type { SaveTemplateBody, Template, TemplateSummary } from '../contract/index.ts';

export interface TemplateApi {
  /** By name, upper and lower case alike. */
  list(): TemplateSummary[];
  /** Throws BridgeError `template_not_found`. */
  get(name: string): Template;
  /** For a start. Throws BridgeError `unknown_template` with the nearest names. */
  resolve(name: string): Template;
  /**
   * Durable when resolved. Throws BridgeError `conflict` (there is one, and it is to stay), `unprocessable` (too large, too
   * many), `read_only` or `disk_full`.
   */
  save(body: SaveTemplateBody): Promise<{ template: Template; replaced: boolean }>;
  /** Durable when resolved. Throws BridgeError `template_not_found`, `read_only` or `disk_full`. */
  remove(name: string): Promise<Template>;
}

/** `problem`: it is there and cannot be read. */
export type FoundFile = { file: string; text: string } | { file: string; problem: string };

/** The files of one folder. Implemented by `store/`. */
export interface TemplateFiles {
  /** All `.json` files in it, in order of their names. Never rejects. */
  load(): Promise<FoundFile[]>;
  /** Durable when resolved, whole or not at all. Throws BridgeError `read_only` or `disk_full`. */
  save(file: string, text: string): Promise<void>;
  /** Durable when resolved; missing is fine. Throws BridgeError as `save`. */
  remove(file: string): Promise<void>;
  /** Moves a damaged file out of the way. Answers where to, or null when it stays. */
  setAside(file: string, reason: string): string | null;
}
