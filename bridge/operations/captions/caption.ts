/** The words of caption publishing: captions as they come in, posts as groups of them. Types only. */

/** An approved caption. `text` is what will be published: trimmed, with LF line ends, never empty. */
export type Caption = {
  image_id: string;
  post_id: string;
  /** Which image of the post: its id on the server, or its place from 0. */
  target: { media_id: string } | { attachment_index: number };
  text: string;
  /** ISO-8601, or null when the input does not say. */
  updated_at: string | null;
};

/** All captions of one post: what is edited, verified and restored together. */
export type PostGroup = { post_id: string; captions: readonly Caption[] };
