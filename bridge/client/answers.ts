/** Shapes of the answers a daemon gives, as http-api.md words them. Types only. */
import type {
  BatchStatus,
  BatchStatusObject,
  BridgeEvent,
  ItemResult,
  Photo,
  PlanItem,
  PresetSummary,
  Resources,
} from '../contract/index.ts';

export type StartAnswer = {
  message: string;
  batch_id: string;
  photo_count: number;
  warnings?: string[];
};
export type ActionAnswer = { message: string; batch_id: string; status: BatchStatus };
/** Answer of a change to a batch that is no seed route: the message and the whole status object. */
export type ChangeAnswer = { message?: string } & BatchStatusObject;
export type BatchList = { batches: BatchStatusObject[]; count: number; next_cursor?: string | null };
export type ItemPage = { photos: ItemResult[]; next_cursor: string | null };
export type RecoverAnswer = {
  message: string;
  recovered_count: number;
  failed_count: number;
  timestamp: string;
  batches: { batch_id: string; remaining_count: number; in_flight_count: number }[];
  quarantined: { file: string; reason: string }[];
};
export type CleanupAnswer = {
  message: string;
  cleaned_count: number;
  days_old: number;
  dry_run?: boolean;
  batch_ids?: string[];
};
export type PlanAnswer = {
  items: PlanItem[];
  counts: Record<PlanItem['action'], number>;
  warnings: string[];
};
export type BatchLogAnswer = {
  lines: { seq: number; timestamp: string; level: string; message: string; photo_id?: number }[];
};
export type AddPhotosAnswer = {
  photos: { photo_id: number; path: string }[];
  added_count: number;
  rejected?: { path: string; reason: string }[];
};
export type PhotoPage = { photos: Photo[]; count?: number; next_cursor: string | null };
export type PresetList = { presets: PresetSummary[] };
export type HealthAnswer = { status: string; [more: string]: unknown };
export type VersionAnswer = {
  version: string;
  api: string | number;
  node: string;
  sharp: string | null;
  libvips: string | null;
};
export type ResourcesAnswer = Resources;
export type EventsAnswer = { events: BridgeEvent[]; seq: number; resync?: boolean };
