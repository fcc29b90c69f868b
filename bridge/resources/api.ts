/** What `http/` may ask of the resource meters. Types only. */
export type ResourceReadings = {
  state: 'idle' | 'normal' | 'busy' | 'critical';
  limit: number;
  capacity: number;
  reason: string | null;
  cpu: { cores: number; total_percent: number; own_percent: number; foreign_percent: number };
  memory: {
    total_bytes: number;
    available_bytes: number;
    used_percent: number;
    daemon_rss_bytes: number;
    host_rss_bytes: number | null;
  };
  disk: { path: string; free_bytes: number; total_bytes: number }[];
};

export interface ResourceApi {
  readings(): Promise<ResourceReadings>;
}
