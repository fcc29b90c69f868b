/**
 * Kill -9 at random moments: the daemon, the render host, both, and daemons that are just recovering, up to five in a row,
 * under live batches that a client keeps changing. After each death everything acknowledged must be there.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Oracle } from '../helpers/oracle.ts';
import { killNow } from '../helpers/processes.ts';
import type { Sources } from './batch-recipes.ts';
import { addFigures, type Campaign, type Figures, noFigures } from './campaign.ts';
import { planRound, type Round } from './kill-plan.ts';
import { dieAfter, type Life, type LifeOptions, prepareLife, startLife } from './life.ts';
import { Load } from './load.ts';
import { createRandom, type Random } from './random.ts';
import { makeSmallPhotos, type SmallPhotos } from './small-photos.ts';
import { Suspects } from './suspects.ts';

const KILLS_AN_EPISODE = 100;
/** Without any progress, when everything is to run to its end. */
const STANDSTILL_MS = 60_000;
/** Every so many lives everything is looked at again, ended batches included. */
const EVERYTHING_EACH = 8;
const HOST_PATIENCE_MS = 1500;
/** Photos are waited for so long, or so many times as long as a start takes on this machine. */
const PROGRESS_MS = 3000;
const PROGRESS_STARTS = 6;

export const kills: Campaign = {
  name: 'kills',
  what: 'kill -9 of daemon, render host and both at random moments, also during recovery',
  unit: 'kills',
  longCount: 1000,
  missing: async () => (process.platform === 'linux' ? null : 'it reads /proc'),
  async run({ seed, count }) {
    let figures = noFigures();
    for (let episode = 0; figures.faults < count; episode += 1) {
      const left = Math.min(KILLS_AN_EPISODE, count - figures.faults);
      // The first episode has the campaign's own seed: what a problem names can be run again alone.
      figures = addFigures(figures, await runEpisode({ seed: seed + episode * 1_000_003, kills: left }));
    }
    return figures;
  },
};

type Struck = { deaths: number; inRecovery: number; hosts: number; both: number };
export type Episode = Figures & { struck: Struck; photos: number; requests: Load['count'] };

/** A fresh data folder, so many kills, and a last life in which everything runs to its end. */
export async function runEpisode(options: { seed: number; kills: number }): Promise<Episode> {
  const root = mkdtempSync(join(tmpdir(), 'photo-bridge-kills-'));
  const episode = new EpisodeRun(root, createRandom(options.seed));
  try {
    await episode.run(options.kills);
  } catch (thrown) {
    episode.oracle.findings.add(
      'other',
      thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown),
    );
  } finally {
    await episode.end();
  }
  const figures = episode.figures();
  if (figures.problems.length === 0) rmSync(root, { recursive: true, force: true, maxRetries: 5 });
  const where = `[seed ${options.seed}, ${options.kills} kills; kept in ${root}]`;
  return { ...figures, problems: figures.problems.map((problem) => `${problem} ${where}`) };
}

class EpisodeRun {
  readonly oracle = new Oracle();
  readonly #root: string;
  readonly #random: Random;
  readonly #options: LifeOptions;
  readonly #suspects = new Suspects(this.oracle);
  readonly #readyMs: number[] = [];
  readonly #struck: Struck = { deaths: 0, inRecovery: 0, hosts: 0, both: 0 };
  #load: Load | null = null;
  #life: Life | null = null;
  #events: Promise<void> = Promise.resolve();
  #lives = 0;

  constructor(root: string, random: Random) {
    this.#root = root;
    this.#random = random;
    this.#options = prepareLife(root);
  }

  async run(kills: number): Promise<void> {
    const files = await makeSmallPhotos(this.#root);
    let life = await this.#begin();
    const sources = await this.#register(life, files);
    this.#load = new Load({
      oracle: this.oracle,
      dataDir: this.#options.dataDir,
      sources,
      extra: files.extra,
    });
    while (this.#struck.deaths < kills) {
      const round = planRound(this.#random);
      if (this.#life === null) {
        for (const part of round.killedStarts) await this.#dieInStart(part, kills);
        if (this.#struck.deaths >= kills) break;
        life = await this.#begin();
      }
      await this.#live(life, this.#load, round);
    }
    life = this.#life ?? (await this.#begin());
    await this.#load.finish(life, STANDSTILL_MS);
    await this.#die(() => life.kill());
    life = await this.#begin();
    await this.oracle.checkEnd(life.client);
  }

  async end(): Promise<void> {
    await this.#life?.kill();
  }

  figures(): Episode {
    const { findings } = this.oracle;
    return {
      faults: this.#struck.deaths,
      lostChanges: findings.count('lostChanges'),
      lostPhotos: findings.count('lostPhotos'),
      doubleWrites: findings.count('doubleWrites'),
      partialFiles: findings.count('partialFiles'),
      orphanTemps: findings.count('orphanTemps'),
      unreadableStates: findings.count('unreadableStates'),
      readyMs: this.#readyMs,
      problems: findings.texts,
      struck: this.#struck,
      photos: this.oracle.acknowledged,
      requests: this.#load?.count ?? { answered: 0, unanswered: 0 },
    };
  }

  async #begin(): Promise<Life> {
    const life = await startLife(this.#options);
    this.#life = life;
    this.#lives += 1;
    this.#readyMs.push(life.readyMs);
    const { ended } = await this.oracle.listenToAll(life.url);
    this.#events = ended;
    const everything = this.#lives % EVERYTHING_EACH === 0;
    await this.oracle.checkLife(life.client, { ...this.#options, startedAt: life.startedAt, everything });
    await this.#suspects.note(life);
    return life;
  }

  async #register(life: Life, files: SmallPhotos): Promise<Sources> {
    const { photos } = await life.client.photos.add({ paths: [...files.good, ...files.bad] });
    this.oracle.registered(photos);
    const ids = new Map(photos.map(({ photo_id, path }) => [path, photo_id]));
    const some = (paths: readonly string[]) => new Map(paths.map((path) => [path, ids.get(path) ?? 0]));
    return {
      good: some(files.good),
      bad: some(files.bad),
      stranger: files.stranger,
      root: join(this.#root, 'out'),
    };
  }

  async #live(life: Life, load: Load, round: Round): Promise<void> {
    const stop = new AbortController();
    const work = (async () => {
      await load.greet(life, { ...round, seed: round.lanes[0]?.[0]?.value ?? 0 });
      await Promise.all(round.lanes.map((steps) => load.run(life, steps, stop.signal)));
    })();
    await this.#photosDone(round.afterPhotos);
    await delay(round.afterMs);
    await this.#strike(life, round, async () => {
      stop.abort();
      await work;
    });
    stop.abort();
    await work;
  }

  async #photosDone(count: number): Promise<void> {
    const wanted = this.oracle.acknowledged + count;
    const until = performance.now() + Math.max(PROGRESS_MS, PROGRESS_STARTS * this.#usualStartMs());
    while (this.oracle.acknowledged < wanted && performance.now() < until) await delay(3);
  }

  async #strike(life: Life, round: Round, settle: () => Promise<void>): Promise<void> {
    const victim = await this.#victimOf(life, round);
    const host = await life.hostPid();
    if (victim === 'host' && host !== null) {
      killNow(host);
      this.#struck.deaths += 1;
      this.#struck.hosts += 1;
      await settle();
      await this.#suspects.note(life);
      return;
    }
    this.#struck.deaths += 1;
    await this.#die(async () => {
      if (victim === 'host, then daemon' && host !== null) {
        killNow(host);
        await delay(round.betweenMs);
      }
      await life.kill();
      if (victim === 'daemon, then host' && host !== null) killNow(host);
      if (victim !== 'daemon' && host !== null) this.#struck.both += 1;
      await settle();
    });
  }

  /** The planned one; the daemon where the host must not die now, or is not there. */
  async #victimOf(life: Life, { victim }: Round): Promise<Round['victim']> {
    if (victim === 'daemon' || victim === 'daemon, then host') return victim;
    const isAllowed = await this.#suspects.through(HOST_PATIENCE_MS);
    return isAllowed && (await life.hostPid()) !== null ? victim : 'daemon';
  }

  async #die(kill: () => Promise<void>): Promise<void> {
    await kill();
    await this.#events;
    this.#life = null;
    this.oracle.died(this.#options.dataDir);
  }

  /** The median of all starts so far. */
  #usualStartMs(): number {
    return this.#readyMs.toSorted((a, b) => a - b)[Math.floor(this.#readyMs.length / 2)] ?? 500;
  }

  /** `part` of the time a start takes as a rule. */
  async #dieInStart(part: number, kills: number): Promise<void> {
    if (this.#struck.deaths >= kills) return;
    await dieAfter(this.#options, this.#usualStartMs() * part);
    this.#struck.deaths += 1;
    this.#struck.inRecovery += 1;
    this.oracle.died(this.#options.dataDir);
  }
}
