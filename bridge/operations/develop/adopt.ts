/** The size in pixels of a finished output, read from its header: for results whose record a crash cut off. */
import { open } from 'node:fs/promises';
import { imageSize } from 'image-size';

const HEADER_BYTES = 512 * 1024;

/** Zeros when the header does not tell; the file is complete all the same. */
export async function readOutputSize(path: string): Promise<{ width: number; height: number }> {
  const file = await open(path, 'r');
  try {
    const { bytesRead, buffer } = await file.read(Buffer.alloc(HEADER_BYTES), 0, HEADER_BYTES, 0);
    const { width, height } = imageSize(buffer.subarray(0, bytesRead));
    return { width, height };
  } catch {
    return { width: 0, height: 0 };
  } finally {
    await file.close();
  }
}
