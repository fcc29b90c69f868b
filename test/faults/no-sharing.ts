/** A break for controls, loaded into a daemon with `--import`: every record waits for a sync of its own. */
import { registerHooks } from 'node:module';

const shared = 'const group = this.#waiting;\n      this.#waiting = [];';
const alone = 'const group = this.#waiting.splice(0, 1);';

registerHooks({
  load(url, context, next) {
    const loaded = next(url, context);
    if (!url.endsWith('/bridge/store/group-commit.ts')) return loaded;
    const source = String(loaded.source);
    if (!source.includes(shared)) throw new Error('group-commit.ts has changed: this break must follow it');
    return { ...loaded, source: source.replace(shared, alone) };
  },
});
