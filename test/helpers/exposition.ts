/** Reads metrics with the parser of Prometheus' own Python client: another program than the one that wrote them. */
import { execFile } from 'node:child_process';

export type Sample = { name: string; labels: Record<string, string>; value: number };
export type Family = { name: string; type: string; help: string; samples: Sample[] };

const program = `
import json, sys
from prometheus_client.parser import text_string_to_metric_families
families = [
    {"name": f.name, "type": f.type, "help": f.documentation,
     "samples": [{"name": s.name, "labels": s.labels, "value": s.value} for s in f.samples]}
    for f in text_string_to_metric_families(sys.stdin.read())]
print(json.dumps(families))
`;

/** Null: this machine has no python3-prometheus-client. Rejects when the text is not valid. */
export async function parseExposition(text: string): Promise<Family[] | null> {
  const python = '/usr/bin/python3';
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const child = execFile(python, ['-c', program], { maxBuffer: 2 ** 26 }, (error, stdout, stderr) =>
    error === null ? resolve(stdout) : reject(new Error(stderr || error.message)),
  );
  child.stdin?.on('error', () => undefined);
  child.stdin?.end(text);
  try {
    // NaN is no JSON; none of our metrics may be one.
    return JSON.parse(await promise) as Family[];
  } catch (error) {
    if (error instanceof Error && /No module named|ENOENT/.test(error.message)) return null;
    throw error;
  }
}

/** The sum of the samples with these labels. */
export function sumOf(
  families: readonly Family[],
  name: string,
  labels: Record<string, string> = {},
): number {
  return families
    .flatMap(({ samples }) => samples)
    .filter((sample) => sample.name === name)
    .filter((sample) => Object.entries(labels).every(([key, value]) => sample.labels[key] === value))
    .reduce((sum, { value }) => sum + value, 0);
}
