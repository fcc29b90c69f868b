// What a hostile page does to a daemon on this machine. `plan` and `createRequestAttacks` are there already; at the end all
// lines go to the page's own server.

const attacks = createRequestAttacks(plan, plan.page);
const { attempt } = attacks;
const add = (tag, attributes, parent = document.body) => {
  const element = Object.assign(document.createElement(tag), attributes);
  parent.append(element);
  return element;
};

/** Elements that load a foreign address: `load` says that something readable came, `error` that nothing did. */
function elementAttack(tag, base, attributes, read = () => ({ read: 1 })) {
  return attempt(tag, base, () => {
    return new Promise((resolve) => {
      const element = document.createElement(tag);
      const end = (reading) => {
        resolve(reading);
        element.remove();
      };
      element.onload = () => end(read(element));
      element.onloadeddata = element.onload;
      element.onerror = () => end({});
      Object.assign(element, { width: 1, height: 1 }, attributes);
      document.body.append(element);
    });
  });
}

/** Frames load even when refused: what counts is what can be read in them. */
function readFrame(frame) {
  try {
    return toReading(frame.contentDocument.body.textContent);
  } catch {
    return {};
  }
}

function formAttack(kind, base, { action, method = 'POST', enctype, fields = [], session }) {
  return attempt(`form ${kind}`, base, (line) => {
    line.session = session;
    return new Promise((resolve) => {
      const name = `frame-${Math.random()}`;
      const frame = add('iframe', { name, hidden: true });
      const form = add('form', { action: base + action, method, enctype, target: name });
      for (const [field, value] of fields) add('input', { name: field, value }, form);
      frame.onload = () => {
        resolve(readFrame(frame));
        frame.remove();
      };
      form.submit();
    });
  });
}

function formAttacks(base) {
  const { session, text } = attacks.startBody();
  // `name=value`: the equals sign ends up inside a string of the JSON.
  const open = `${text.slice(0, -1)},"config":{"output":{"suffix":"`;
  const cancel = (kind) => `/batch/${plan.victims[kind]}/cancel`;
  return [
    formAttack('urlencoded', base, { action: cancel('form'), enctype: 'application/x-www-form-urlencoded' }),
    formAttack('text/plain', base, {
      action: '/batch/start',
      enctype: 'text/plain',
      fields: [[open, '"}}}']],
      session,
    }),
    formAttack('multipart', base, {
      action: '/batch/start',
      enctype: 'multipart/form-data',
      fields: [['photo_ids', '1']],
    }),
    formAttack('GET', base, { action: '/batch/list', method: 'GET' }),
  ];
}

function beaconAttacks(base) {
  const send = (kind, toBody) =>
    attempt(`beacon ${kind}`, base, (line) => {
      const { session, text } = attacks.startBody();
      line.session = session;
      navigator.sendBeacon(`${base}/batch/start`, toBody(text));
      return {};
    });
  return [
    send('text', (text) => text),
    send('plain', (text) => new Blob([text], { type: 'text/plain' })),
    send('JSON', (text) => new Blob([text], { type: 'application/json' })),
    send('untyped', (text) => new Blob([text])),
    attempt('beacon empty', base, () => {
      navigator.sendBeacon(`${base}/batch/${plan.victims.beacon}/cancel`);
      return {};
    }),
  ];
}

const toPixels = (image) => ({ read: image.naturalWidth });

function elementAttacks(base) {
  const thumbnail = `${base}/photos/1/thumbnail`;
  const photos = `${base}/photos`;
  return [
    elementAttack('img', base, { src: thumbnail }, toPixels),
    elementAttack('img', base, { src: thumbnail, crossOrigin: 'anonymous' }, toPixels),
    elementAttack('script', base, { src: `${base}/batch/list` }),
    elementAttack('script', base, { src: `${base}/batch/list`, type: 'module' }),
    elementAttack('link', base, { rel: 'stylesheet', href: photos }),
    // It loads whatever the answer is, and shows nothing of it.
    elementAttack('link', base, { rel: 'preload', as: 'fetch', href: photos }, () => ({})),
    elementAttack('video', base, { src: thumbnail }),
  ];
}

function frameAttacks(base) {
  const photos = `${base}/photos`;
  return [
    elementAttack('iframe', base, { src: photos }, readFrame),
    elementAttack('object', base, { data: photos }, readFrame),
    elementAttack('embed', base, { src: photos }, readFrame),
    ...formAttacks(base),
    popupAttack(base),
  ];
}

function xhrAttack(base) {
  return attempt('XMLHttpRequest', base, () => {
    return new Promise((resolve) => {
      const request = new XMLHttpRequest();
      request.open('POST', `${base}/batch/${plan.victims.xhr}/cancel`);
      request.withCredentials = true;
      request.onload = () => resolve(toReading(request.responseText));
      request.onerror = () => resolve({});
      request.send();
    });
  });
}

function popupAttack(base) {
  return attempt('window.open', base, async () => {
    const popup = window.open(`${base}/photos`);
    if (popup === null) return {};
    await new Promise((resolve) => setTimeout(resolve, 400));
    try {
      return popup.location.href === 'about:blank' ? {} : toReading(popup.document.body.textContent);
    } finally {
      popup.close();
    }
  });
}

const GATHER_MS = 20_000;

/** The lines of a script that runs elsewhere; `listen` gets the function to be called with its message. */
function gather(listen) {
  const all = new Promise((resolve) => {
    listen(({ data }) => {
      if (!Array.isArray(data)) return;
      attacks.lines.push(...data);
      resolve();
    });
  });
  return withPatience(all, GATHER_MS);
}

const sourceOf = (name, firstSession) => `
  const plan = ${JSON.stringify({ ...plan, bases: plan.workerBases, firstSession: plan.firstSession + firstSession })};
  ${plan.requestsSource}
  const run = () => createRequestAttacks(plan, ${JSON.stringify(`${plan.page}, ${name}`)}).run(plan.bases);
`;

function workerAttack() {
  const code = `${sourceOf('worker', 1000)} run().then((lines) => postMessage(lines));`;
  const worker = new Worker(URL.createObjectURL(new Blob([code], { type: 'text/javascript' })));
  return gather((done) => {
    worker.onmessage = done;
  });
}

function sandboxAttack() {
  const code = `${sourceOf('sandbox', 2000)} run().then((lines) => parent.postMessage(lines, '*'));`;
  return gather((done) => {
    window.addEventListener('message', done);
    const frame = document.createElement('iframe');
    frame.setAttribute('sandbox', 'allow-scripts allow-forms');
    frame.srcdoc = `<script>${code.replaceAll('</', '<\\/')}</script>`;
    document.body.append(frame);
  });
}

/** Only in a secure context, such as a page of another server on localhost. */
async function serviceWorkerAttack() {
  if (!isSecureContext || !('serviceWorker' in navigator) || !plan.serviceWorker) return;
  navigator.serviceWorker.register('/service-worker.js');
  const { active } = await navigator.serviceWorker.ready;
  await gather((done) => {
    navigator.serviceWorker.addEventListener('message', done);
    navigator.serviceWorker.startMessages();
    active.postMessage(sourceOf('service worker', 3000));
  });
}

const perBase = (base) => [...elementAttacks(base), ...beaconAttacks(base), xhrAttack(base)];

async function report() {
  await Promise.all([
    attacks.run(plan.bases),
    ...plan.bases.flatMap(perBase),
    ...plan.frameBases.flatMap(frameAttacks),
    workerAttack(),
    sandboxAttack(),
    serviceWorkerAttack().catch(() => undefined),
  ]);
  const body = JSON.stringify({ page: plan.page, lines: attacks.lines });
  await fetch(`${plan.home}/report`, { method: 'POST', headers: { 'content-type': 'text/plain' }, body });
}
void report();
