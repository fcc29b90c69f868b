import { toSpatialSteps } from '/work/main/bridge/presets/spatial/spatial-steps.ts';
import { applySteps } from '/work/main/workers/spatial/apply-steps.ts';
import { makePixels } from '/work/main/test/helpers/images.ts';
const s = makePixels({width:3000,height:2000});
const preset = JSON.parse(process.argv[2]!);
for (let i=0;i<3;i++){ const t=process.cpuUsage(); applySteps({pixels:{...s,data:s.data.slice(),channels:3} as never, steps: toSpatialSteps(preset), colour:()=>undefined, blend:60, scale:1, seed:1}); const u=process.cpuUsage(t); console.log((6e6/(u.user+u.system)).toFixed(1)); }
