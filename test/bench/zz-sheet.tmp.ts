import { readFileSync } from 'node:fs';
import { sharp } from '../../workers/pipeline/sharp-setup.ts';
import { develop } from '../unit/workers/spatial/pictures.ts';
const photos=['canon-eos-5d','samsung-sm-g935l-galaxy-s7-edge','nikon-d90'];
const wide:any={ clarity:[{clarity:40},{clarity:100},{clarity:-80}], dehaze:[{dehaze:30},{dehaze:80},{dehaze:-50}], vignette:[{vignette:{amount:-30}},{vignette:{amount:-80}},{vignette:{amount:60,roundness:-50}}]};
const crop:any={ texture:[{texture:50},{texture:100},{texture:-100}], sharpening:[{sharpening:{amount:40}},{sharpening:{amount:120,radius:1.5}},{sharpening:{amount:120,masking:80}}], luminance:[{noise_reduction:{luminance:25}},{noise_reduction:{luminance:80}},{noise_reduction:{luminance:80,detail:100}}], colour:[{noise_reduction:{colour:25}},{noise_reduction:{colour:100}},{noise_reduction:{colour:100,colour_smoothness:100}}], grain:[{grain:{amount:25}},{grain:{amount:70,size:60}},{grain:{amount:70,size:25,roughness:100}}], defringe:[{defringe:{purple_amount:4,green_amount:4}},{defringe:{purple_amount:20,green_amount:20,purple_hue_from:0,purple_hue_to:100,green_hue_from:0,green_hue_to:100}},{clarity:60,texture:30,sharpening:{amount:60}}]};
const load=async(n:string)=>{const {data,info}=await sharp(readFileSync(`/work/shared/photos/plain/${n}.jpg`)).rotate().removeAlpha().raw().toBuffer({resolveWithObject:true});return {data:new Uint8Array(data),width:info.width,height:info.height,channels:3 as const}};
const W=480,H=320;
const pics=await Promise.all(photos.map(load));
const cell=async(p:any,isCrop:boolean)=>{let s=sharp(p.data,{raw:{width:p.width,height:p.height,channels:3}}); s=isCrop? s.extract({left:Math.floor(p.width*0.5)-W/4,top:Math.floor(p.height*0.55)-H/4,width:W/2,height:H/2}).resize(W,H,{kernel:'nearest'}) : s.resize(W,H,{fit:'cover'}); return s.png().toBuffer()};
for (const [file,group,isCrop] of [['wide',wide,false],['crop1',Object.fromEntries(Object.entries(crop).slice(0,3)),true],['crop2',Object.fromEntries(Object.entries(crop).slice(3)),true]] as any) {
 const tiles:any[]=[]; let row=0;
 for (const [k,ps] of Object.entries(group) as any) for (const p of pics) { let col=0; for (const preset of [{},...ps]) { const d=Object.keys(preset).length?develop(p,preset):p; tiles.push({input:await cell(d,isCrop),left:col*(W+4),top:row*(H+4)}); col++; } row++; }
 await sharp({create:{width:4*(W+4),height:row*(H+4),channels:3,background:'#888'}} as any).composite(tiles).jpeg({quality:90}).toFile(`/tmp/sheet-${file}.jpg`);
}
