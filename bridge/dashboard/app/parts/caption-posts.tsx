/** The captions that would go out, by post. */
import type { CaptionPost } from '../state/caption-file.ts';
import { toCount } from '../words/operation.ts';

/** More than anybody reads before a start; the batch's own page shows all. */
const SHOWN = 50;

type Props = {
  posts: readonly CaptionPost[];
  /** All rows, also those that are not approved. */
  rows: number;
};

export function CaptionPosts({ posts, rows }: Props) {
  const count = posts.reduce((sum, { captions }) => sum + captions.length, 0);
  const left = rows - count;
  return (
    <section class="card" aria-labelledby="approved">
      <div class="section-head">
        <h2 id="approved">To publish</h2>
        <p class="hint">
          {left === 0 ? '' : `Left out: ${left.toLocaleString('en')}, not approved or over the limit`}
        </p>
      </div>
      {count === 0 && <p class="nothing">None of these rows has the status approved.</p>}
      <ol class="posts" tabindex={0} aria-label="Posts, newest first">
        {posts.slice(0, SHOWN).map(({ post, captions }) => (
          <li key={post}>
            <h3>
              Post {post} <span class="hint">{toCount(captions.length, 'captions')}</span>
            </h3>
            <dl>
              {captions.map(({ imageId, text }) => (
                <div key={imageId}>
                  <dt>{imageId}</dt>
                  <dd>{text}</dd>
                </div>
              ))}
            </dl>
          </li>
        ))}
      </ol>
      {posts.length > SHOWN && (
        <p class="hint">And {(posts.length - SHOWN).toLocaleString('en')} more posts.</p>
      )}
    </section>
  );
}
