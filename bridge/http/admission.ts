/** All that stands before the routes and the WebSocket: the guard, the connection limit, the peer's user, the token. */
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { Settings } from '../contract/index.ts';
import { BridgeError } from '../errors.ts';
import { checkRequest, createGuardRules, type GuardRules, type GuardVerdict } from './guard.ts';
import type { PeerCheck } from './peer-user.ts';
import { toLoopbackKey } from './tcp-table.ts';
import { checkToken } from './token.ts';

/** Surplus connections that still get their 503; more are cut off without an answer. */
const SURPLUS = 64;

export type AdmissionOptions = {
  settings(): Settings;
  token: string | null;
  peers: PeerCheck;
};

export function createAdmission({ settings, token, peers }: AdmissionOptions) {
  const surplus = new WeakSet<Socket>();
  const open = new Set<Socket>();
  let port = 0;
  let rules: { of: Settings['security']; value: GuardRules } | null = null;

  /** Made anew when the settings change. */
  function currentRules(): GuardRules {
    const { security } = settings();
    if (rules?.of !== security) {
      const { allowed_hosts: allowedHosts, allowed_origins: allowedOrigins } = security;
      rules = { of: security, value: createGuardRules({ port, allowedHosts, allowedOrigins }) };
    }
    return rules.value;
  }

  return {
    setPort(real: number): void {
      port = real;
      rules = null;
    },

    countConnection(socket: Socket): void {
      const { connections } = settings().limits;
      open.add(socket);
      socket.once('close', () => open.delete(socket));
      if (open.size > connections + SURPLUS) socket.destroy();
      else if (open.size > connections) surplus.add(socket);
    },

    /** Destroys what is still open. */
    cutOff(): void {
      for (const socket of open) socket.destroy();
    },

    /** Its answer should be its last: on a connection of its own the next attempt may be let in. */
    isSurplus: (socket: Socket): boolean => surplus.has(socket),

    /** In the order of safety.md. `isPreflight`: no token can be shown yet. */
    async admit(
      request: IncomingMessage,
      { isUpgrade, isPreflight }: { isUpgrade: boolean; isPreflight: boolean },
    ): Promise<GuardVerdict> {
      const { method = '', url: target = '', rawHeaders, socket, headers } = request;
      const verdict = checkRequest({ method, target, rawHeaders }, currentRules());
      if (verdict.refusal !== null) return verdict;
      if (surplus.has(socket)) return { refusal: tooManyConnections() };
      const stranger = await peers.check(socket);
      if (stranger !== null) return { refusal: stranger };
      const isRemote = toLoopbackKey(socket.remoteAddress ?? '', 0) === null;
      if (!isRemote && (verdict.foreignOrigin === null || isPreflight)) return verdict;
      const refusal = checkToken(token, { authorization: headers.authorization, target, isUpgrade });
      return refusal === null ? verdict : { refusal };
    },
  };
}

function tooManyConnections(): BridgeError {
  return new BridgeError('unavailable', 'too many connections are open (setting limits.connections)');
}
