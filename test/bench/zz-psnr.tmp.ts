import { readFileSync } from 'node:fs';
import { sharp } from '../../workers/pipeline/sharp-setup.ts';
import { develop, psnr } from '../../test/unit/workers/spatial/pictures.ts';
const presets = { none:{}, clarity:{clarity:60}, clarityNeg:{clarity:-60}, texture:{texture:80}, textureNeg:{texture:-80}, dehaze:{dehaze:50}, dehazeNeg:{dehaze:-50}, sharp40:{sharpening:{amount:40}}, sharp100r2:{sharpening:{amount:100,radius:2}}, lum:{noise_reduction:{luminance:50}}, col:{noise_reduction:{colour:50}}, vig:{vignette:{amount:-60}}, grain:{grain:{amount:40}}, defr:{defringe:{purple_amount:8,green_amount:8}} };
for (const name of ['samsung-sm-g935l-galaxy-s7-edge','canon-eos-5d']) {
const {data,info} = await sharp(readFileSync(`/work/shared/photos/plain/${name}.jpg`)).rotate().removeAlpha().raw().toBuffer({resolveWithObject:true});
const full={data:new Uint8Array(data),width:info.width,height:info.height,channels:3 as const};
for (const edge of [1600, 640]) {
 const small = async (p:any)=>{const r=await sharp(p.data,{raw:{width:p.width,height:p.height,channels:3}}).resize(edge,Math.round(edge*p.height/p.width),{fit:'fill'}).raw().toBuffer({resolveWithObject:true});return {data:new Uint8Array(r.data),width:r.info.width,height:r.info.height,channels:3 as const}};
 const s=await small(full);
 const out=[] as string[];
 for (const [k,p] of Object.entries(presets)) { const f=Object.keys(p).length? develop(full,p as any):full; const a=await small(f); const b=Object.keys(p).length?develop(s,p as any,{scale:s.width/full.width}):s; out.push(`${k} ${psnr(a,b).toFixed(1)} (effect ${psnr(a,s).toFixed(1)})`); }
 console.log(name, info.width,'->',edge, out.join(', '));
}}
