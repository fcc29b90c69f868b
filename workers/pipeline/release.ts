/** Gives the memory of a photo back at once. The collector would hold two or three photos before it noticed how large they are. */

/**
 * The array and every view of the same memory are empty afterwards. Only for memory that no native call still reads, and
 * that belongs to this array alone: a slice of something larger (Node's pool) is left to the collector.
 */
export function releaseMemory(array: Uint8Array | Uint16Array): void {
  const { buffer } = array;
  if (buffer instanceof ArrayBuffer && buffer.byteLength === array.byteLength) buffer.transfer(0);
}
