/** The one import for everything that leaves the process: HTTP, WebSocket, files, messages. */
export * from './batch.ts';
export * from './develop-config.ts';
export * from './events.ts';
export * from './explain.ts';
export * from './failure.ts';
export * from './host-messages.ts';
export * from './journal.ts';
export * from './limits.ts';
export * from './native-preset.ts';
export * from './nearest.ts';
export * from './output-names.ts';
export * from './photos.ts';
export * from './problem.ts';
export * from './recipe.ts';
export * from './settings.ts';
export * from './state-file.ts';
export * from './ws.ts';
