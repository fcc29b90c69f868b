// Runs the attacks that its page sends it as source: the page knows the plan, this file does not.
self.addEventListener('install', () => self.skipWaiting());
self.addEventListener('activate', (event) => event.waitUntil(self.clients.claim()));
self.addEventListener('message', (event) => {
  const run = new Function(`${event.data} return run();`);
  event.waitUntil(run().then((lines) => event.source.postMessage(lines)));
});
