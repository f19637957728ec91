/** Reads the metadata of ONNX files, which ONNX Runtime does not expose to JavaScript. */

/** How to call an ONNX file written by `s2f export`: the JSON under the metadata key `s2f`. */
export function usageOf(bytes) { // field 14 of a ModelProto: entries of a key (field 1) and a value (field 2)
  const text = new TextDecoder();
  const entries = [...fields(bytes)].filter(([number]) => number === 14);
  const metadata = entries.map(([, entry]) => [...fields(entry)].map(([, value]) => text.decode(value)));
  return JSON.parse(Object.fromEntries(metadata).s2f);
}

/** The length-delimited fields of a protocol buffer. */
function* fields(bytes) {
  let at = 0;
  const number = () => {
    let value = 0, unit = 1, byte;
    do { byte = bytes[at++]; value += (byte & 127) * unit; unit *= 128; } while (byte > 127);
    return value;
  };
  while (at < bytes.length) {
    const tag = number(), length = number();
    if (tag % 8 !== 2) continue;
    yield [Math.floor(tag / 8), bytes.subarray(at, at + length)];
    at += length;
  }
}
