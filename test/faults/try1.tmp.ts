import { cutEverywhere, flipBits } from './journal-bytes.ts';
setInterval(()=>{},1000);
let t=performance.now();
const c=await cutEverywhere({records:12});
console.log(c.faults, performance.now()-t, {...c, problems: c.problems.slice(0,8)}, c.problems.length);
t=performance.now();
const f=await flipBits({seed:1,count:300});
console.log(f.faults, performance.now()-t, {...f, problems: f.problems.slice(0,20)}, f.problems.length);
process.exit();
