/** What the whole page shares: the client of this daemon, what is known of it, and how that is kept current. */
import { createClient } from '../../../client/index.ts';
import { createLive } from './live.ts';
import { createMessages } from './messages.ts';

export const client = createClient({ url: location.origin });
export const live = createLive(client);
export const messages = createMessages();
