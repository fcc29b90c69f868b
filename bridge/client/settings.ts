/** The settings routes and the metrics, one method each. */
import type { SettingsAnswer, SettingsChange, SettingsPatch } from '../contract/index.ts';
import type { CallOptions, Transport } from './transport.ts';

export function createSettingsClient(transport: Transport) {
  return {
    /** All values with their origins, what waits for a restart, and what is wrong with the file. */
    get: (options?: CallOptions) =>
      transport.json<SettingsAnswer>({ method: 'GET', path: '/settings', ...options }),
    /** A JSON merge patch: all of it or nothing; `null` brings a default back. A refusal has all `problems`. */
    change: (body: SettingsPatch, options?: CallOptions) =>
      transport.json<SettingsChange>({ method: 'PATCH', path: '/settings', body, ...options }),
  };
}

/** The text of `GET /metrics`, in Prometheus' exposition format. */
export async function readMetrics(transport: Transport, options?: CallOptions): Promise<string> {
  return await (await transport.raw({ method: 'GET', path: '/metrics', ...options })).text();
}
