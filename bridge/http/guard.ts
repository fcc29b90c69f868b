/**
 * The guard: one pure function for every HTTP request and every WebSocket upgrade. It reads raw header lines (so that a
 * doubled header cannot hide) and answers the first rule that refuses. It never looks at who the peer is.
 */
import { BridgeError } from '../errors.ts';
import { isJsonType, wrongType } from './body.ts';
import { isBodyAnnounced, toHeaderValues } from './raw-headers.ts';

export type GuardedRequest = {
  method: string;
  /** As on the request line. */
  target: string;
  /** Name, value, name, value, as received. */
  rawHeaders: readonly string[];
};

export type GuardRules = {
  /** Lower case, with port. */
  hosts: ReadonlySet<string>;
  /** Our own pages. */
  ownOrigins: ReadonlySet<string>;
  /** Named in `security.allowed_origins`; they need the token. */
  foreignOrigins: ReadonlySet<string>;
};

const loopbackNames = ['localhost', '127.0.0.1', '[::1]'];

export type GuardSettings = {
  port: number;
  allowedHosts: readonly string[];
  allowedOrigins: readonly string[];
};

/** `port` is the real one. A host named without port means ours. `null` and `*` never become allowed origins. */
export function createGuardRules({ port, allowedHosts, allowedOrigins }: GuardSettings): GuardRules {
  const names = [...loopbackNames, ...allowedHosts.map((host) => host.toLowerCase())];
  const withPort = names.map((name) => (/:\d+$/.test(name) ? name : `${name}:${port}`));
  // Clients leave out port 80.
  const bare = port === 80 ? names : [];
  const authorities = loopbackNames.flatMap((name) =>
    port === 80 ? [`${name}:80`, name] : [`${name}:${port}`],
  );
  return {
    hosts: new Set([...withPort, ...bare]),
    ownOrigins: new Set(authorities.map((authority) => `http://${authority}`)),
    foreignOrigins: new Set(allowedOrigins.filter((origin) => origin !== 'null' && origin !== '*')),
  };
}

export type GuardVerdict = { refusal: BridgeError } | { refusal: null; foreignOrigin: string | null };

/** Rules 1 to 5 of safety.md in their order. `foreignOrigin`: allowed only together with the token. */
export function checkRequest(request: GuardedRequest, rules: GuardRules): GuardVerdict {
  const origins = toHeaderValues(request.rawHeaders, 'origin');
  const [origin] = origins;
  const foreignOrigin =
    origins.length === 1 && origin !== undefined && rules.foreignOrigins.has(origin) ? origin : null;
  const refusal =
    checkTarget(request.target) ??
    checkHost(toHeaderValues(request.rawHeaders, 'host'), rules) ??
    (foreignOrigin === null ? (checkOrigin(origins, rules) ?? checkFetchSite(request)) : null) ??
    checkContentType(request);
  return refusal === null ? { refusal, foreignOrigin } : { refusal };
}

function checkTarget(target: string): BridgeError | null {
  const path = target.split('?', 1)[0] ?? '';
  if (target.startsWith('/') && !path.includes('\\')) return null;
  return new BridgeError('invalid_target', 'the request target must be a path that starts with "/"');
}

function checkHost(hosts: readonly string[], rules: GuardRules): BridgeError | null {
  const [host] = hosts;
  if (host === undefined) return new BridgeError('bad_request', 'the request has no Host header');
  if (hosts.length > 1) return new BridgeError('bad_request', 'the request has more than one Host header');
  if (rules.hosts.has(host.toLowerCase())) return null;
  return new BridgeError(
    'misdirected_host',
    `Host ${toShown(host)} is not this daemon; use ${[...rules.hosts][0]}, or name it in the setting security.allowed_hosts`,
  );
}

function checkOrigin(origins: readonly string[], rules: GuardRules): BridgeError | null {
  if (origins.length === 0) return null;
  const [origin = ''] = origins;
  if (origins.length === 1 && rules.ownOrigins.has(origin)) return null;
  return new BridgeError(
    'forbidden_origin',
    `Origin ${toShown(origins.join(', '))} is not allowed; the setting security.allowed_origins may name it`,
  );
}

function checkFetchSite({ method, rawHeaders }: GuardedRequest): BridgeError | null {
  const sites = toHeaderValues(rawHeaders, 'sec-fetch-site');
  const isAllowed = (site: string) => site === 'same-origin' || (site === 'none' && method === 'GET');
  if (sites.length <= 1 && sites.every(isAllowed)) return null;
  return new BridgeError(
    'forbidden_origin',
    `a request from another page (Sec-Fetch-Site ${toShown(sites.join(', '))}) is not allowed; the setting ` +
      'security.allowed_origins may name its origin',
  );
}

/** Only `/content` takes anything but JSON. */
function checkContentType({ target, rawHeaders }: GuardedRequest): BridgeError | null {
  if (!isBodyAnnounced(rawHeaders)) return null;
  const encodings = toHeaderValues(rawHeaders, 'content-encoding');
  if (encodings.some((encoding) => encoding.toLowerCase() !== 'identity')) {
    return new BridgeError('unsupported_media_type', 'a body must not be compressed (Content-Encoding)');
  }
  const types = toHeaderValues(rawHeaders, 'content-type');
  const [type] = types;
  if (types.length === 1 && isJsonType(type)) return null;
  const takesCsv = target.split('?', 1)[0] === '/content';
  if (takesCsv && types.length === 1 && /^text\/csv\s*(;|$)/i.test(type ?? '')) return null;
  return wrongType(types.length === 0 ? undefined : types.join(', '));
}

function toShown(value: string): string {
  return `"${value.slice(0, 100)}"`;
}
