/** What a reader must know of the machine to judge the figures. Neither host names nor paths. */
import { availableParallelism, cpus, loadavg, totalmem } from 'node:os';
import sharp from 'sharp';

export type MachineFacts = {
  date: string;
  cores: number;
  cpu: string;
  memoryGb: number;
  platform: string;
  node: string;
  sharp: string;
  libvips: string;
  loadAverage: number;
};

export function collectFacts(): MachineFacts {
  return {
    date: isoDate(),
    cores: availableParallelism(),
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    memoryGb: Math.round(totalmem() / 2 ** 30),
    platform: `${process.platform} ${process.arch}`,
    node: process.versions.node,
    sharp: sharp.versions.sharp ?? 'unknown',
    libvips: sharp.versions.vips ?? 'unknown',
    loadAverage: loadavg()[0] ?? 0,
  };
}

export function isoDate(): string {
  return new Date().toISOString().slice(0, 10);
}
