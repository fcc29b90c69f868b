import { compileLook } from '../../bridge/presets/compile-look.ts';
import { applyLook } from '../../workers/pipeline/apply-look.ts';
import { makePixels } from '../helpers/images.ts';
const s = makePixels({width:500,height:340});
for (const preset of [{contrast:30,clarity:40},{contrast:30,sharpening:{amount:80}},{contrast:30,vignette:{amount:-60}},{contrast:30,grain:{amount:40}},{contrast:30,clarity:40,sharpening:{amount:80},vignette:{amount:-60},grain:{amount:40}}]) {
const look=compileLook({kind:'native',name:'x',preset} as never);
const go=(blend:number)=>{const p={...s,data:s.data.slice(),channels:3} as any; applyLook(p,look,{blend,scale:1,seed:5}); return p.data as Uint8Array};
const w=go(100),h=go(50); let m=0,n=0,first=-1; for(let i=0;i<w.length;i++){const d=Math.abs(h[i]!-Math.round((s.data[i]!+w[i]!)/2)); if(d>1){n++; if(first<0)first=i;} m=Math.max(m,d);} console.log(JSON.stringify(preset),m,n,first,s.data[first],w[first],h[first]);
}
