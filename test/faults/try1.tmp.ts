import { journalBytes } from './journal-bytes.ts';
import { powerCuts } from './power-cuts.ts';
import { stateCorpus } from './state-corpus.ts';
const show=(n:string,f:any,t:number)=>console.log(n, Math.round((performance.now()-t)/1000)+'s', {...f, readyMs: f.readyMs.map(Math.round).sort((a:number,b:number)=>a-b).join(' '), problems: f.problems.slice(0,10)});
let t=performance.now(); show('power', await powerCuts.run({seed:41,count:20}), t);
t=performance.now(); show('corpus', await stateCorpus.run({seed:77,count:2}), t);
t=performance.now(); show('bytes', await journalBytes.run({seed:77,count:2500}), t);
