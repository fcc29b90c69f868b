/** What `http/` may ask of the resource meters. Types only. */
import type { Resources } from '../contract/index.ts';

export interface ResourceApi {
  readings(): Promise<Resources>;
}
