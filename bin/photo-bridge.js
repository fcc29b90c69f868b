#!/usr/bin/env node
/*
 * Starts Photo Bridge with a Node that can run it: this one, else the one `npm ci` brought along, else it says which is
 * needed. Old syntax on purpose: a Node of any age has to get as far as the message.
 */
/* biome-ignore-all lint: must parse on every Node there ever was */
var NEEDED = [22, 18];
// `import` as a word of its own would be a syntax error for a Node that is too old to reach the check below.
var load = new Function('specifier', 'return import(specifier)');

function isNewEnough(version) {
  var parts = version.split('.');
  var major = Number(parts[0]);
  return major > NEEDED[0] || (major === NEEDED[0] && Number(parts[1]) >= NEEDED[1]);
}

function refuse(version) {
  var here = 'this is Node ' + version + ' (' + process.execPath + ').';
  console.error('Photo Bridge needs Node ' + NEEDED.join('.') + ' or newer; ' + here);
  console.error('Run `npm ci` in its folder: that brings the right one along. Or see https://nodejs.org');
  process.exit(1);
}

function runHere(root) {
  load(root.main).catch(function (error) {
    console.error(error && error.stack ? error.stack : error);
    process.exit(1);
  });
}

function runWith(node, root, spawn) {
  var child = spawn(node, [root.script].concat(process.argv.slice(2)), { stdio: 'inherit' });
  ['SIGINT', 'SIGTERM', 'SIGHUP'].forEach(function (signal) {
    process.on(signal, function () {
      child.kill(signal);
    });
  });
  child.on('error', function (error) {
    console.error('The Node in ' + node + ' could not be started: ' + error.message);
    process.exit(1);
  });
  child.on('exit', function (code, signal) {
    if (!signal) process.exit(code);
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  });
}

function start(modules) {
  var fs = modules[0].default;
  var path = modules[1].default;
  var toFileUrl = modules[2].pathToFileURL;
  var script = fs.realpathSync(process.argv[1]);
  var folder = path.dirname(path.dirname(script));
  var root = { script: script, main: toFileUrl(path.join(folder, 'bridge', 'main.ts')).href };
  var version = process.versions.node;
  if (isNewEnough(version)) return runHere(root);
  var file = process.platform === 'win32' ? 'node.exe' : 'node';
  var pinned = path.join(folder, 'node_modules', 'node', 'bin', file);
  if (!fs.existsSync(pinned)) return refuse(version);
  return runWith(pinned, root, modules[3].spawn);
}

if (Number(process.versions.node.split('.')[0]) < 14) refuse(process.versions.node);
else {
  Promise.all([load('fs'), load('path'), load('url'), load('child_process')]).then(start, function (error) {
    console.error(error && error.stack ? error.stack : error);
    process.exit(1);
  });
}
