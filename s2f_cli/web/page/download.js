/** Downloads files of the page, and says how far it has come. */

/** The bytes of a file of `size` bytes; `onProgress` is given the number of bytes that have arrived since its last call. */
export async function download(file, size, onProgress) {
  const response = await fetch(new URL(file, import.meta.url));
  if (!response.ok) throw new Error(`${file} could not be loaded (${response.status})`);
  const parts = [], reader = response.body.getReader();
  let received = 0;
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    parts.push(part.value);
    received += part.value.length;
    onProgress(Math.min(part.value.length, Math.max(size - received + part.value.length, 0)));
  }
  const bytes = new Uint8Array(await new Blob(parts).arrayBuffer());
  if (bytes[0] === 31 && bytes[1] === 139) return unpacked(bytes); // some hosts have unpacked it already
  if (received !== size && !file.endsWith(".gz")) throw new Error(`${file} was not loaded completely; try again`);
  return bytes;
}

async function unpacked(bytes) {
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}
