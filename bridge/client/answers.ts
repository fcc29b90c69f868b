/** Shapes of the answers a daemon gives, by the names this client uses. They are the contract's: nothing is defined here. */
import type { Resources } from '../contract/index.ts';

export type {
  ActionAnswer,
  AddPhotosAnswer,
  BatchList,
  BatchLogAnswer,
  ChangeAnswer,
  CleanupAnswer,
  EventsAnswer,
  HealthAnswer,
  ItemPage,
  PhotoPage,
  PlanAnswer,
  PresetList,
  ReadyAnswer,
  RecoverAnswer,
  RemoveTemplateAnswer,
  SaveTemplateAnswer,
  StartAnswer,
  TemplateList,
  VersionAnswer,
} from '../contract/index.ts';
export type ResourcesAnswer = Resources;
