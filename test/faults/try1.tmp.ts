import { powerCuts } from './power-cuts.ts';
console.log(await powerCuts.missing());
let t=performance.now();
const f=await powerCuts.run({seed:Number(process.argv[2]??1),count:Number(process.argv[3]??6)});
console.log(performance.now()-t, {...f, problems: f.problems.slice(0,20)}, f.problems.length);
