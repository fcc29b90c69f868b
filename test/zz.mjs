import { toApiDocument } from '../bridge/http/api-description/to-document.ts';
import { apiGroups } from '../bridge/http/api-description/groups.ts';
import fs from 'node:fs';
const t=performance.now(); const d=toApiDocument(apiGroups,'0.1.0'); const s=JSON.stringify(d); console.log(performance.now()-t,'ms',s.length); fs.writeFileSync('/tmp/oa/doc.json',JSON.stringify(d,null,1));
