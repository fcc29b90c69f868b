import { describe, expect, it } from 'vitest';
import { lossesOf } from './campaign.ts';
import { type Control, playScene, scenes } from './kill-controls.ts';
import { runEpisode } from './kills.ts';

const KILLS = 15;

describe.runIf(process.platform === 'linux')(
  'kill -9 of daemon, render host and both at random moments',
  () => {
    it('loses no acknowledged change, no photo, writes none twice and leaves nothing behind', async () => {
      const episode = await runEpisode({ seed: 20_251, kills: KILLS });
      const { inRecovery, hosts, both } = episode.struck;
      console.log(
        `${episode.faults} kills (${inRecovery} in recovery, ${hosts} of the host, ${both} of both), ${episode.photos} photos, ` +
          `${episode.requests.answered} changes answered and ${episode.requests.unanswered} cut off, ` +
          `ready after ${episode.readyMs.map(Math.round).join(', ')} ms`,
      );
      expect(episode.problems).toEqual([]);
      expect(lossesOf(episode)).toBe(0);
      expect(episode.faults).toBe(KILLS);
      expect(episode.photos).toBeGreaterThan(100);
    }, 180_000);
  },
);

describe.runIf(process.platform === 'linux')('the oracle of the kills', () => {
  it('finds nothing when nothing is wrong', async () => {
    expect((await playScene(() => undefined)).texts).toEqual([]);
  });

  it.each(scenes.map((controls) => ({ names: controls.map(({ name }) => name).join('; '), controls })))(
    'catches $names',
    async ({ controls }) => {
      const parts = new Map<Control, string>();
      const findings = await playScene((scene) => {
        for (const control of controls) parts.set(control, control.sabotage(scene));
      });
      const missed = [...parts].filter(([{ loss }, part]) => !findings.has(loss, part));
      expect(missed.map(([{ name }]) => name)).toEqual([]);
    },
  );
});
