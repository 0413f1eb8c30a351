/** WAV files: 16-bit samples of one channel. */

const headerBytes = 44;
const defaultRate = 16_000;

/** Samples of nothing. */
export function silence(seconds: number): Int16Array {
  return new Int16Array(seconds * defaultRate);
}

/** A tone that swings `hertz` times in a second. */
export function tone(seconds: number, hertz: number): Int16Array {
  return silence(seconds).map((_, at) =>
    Math.round(12_000 * Math.sin((2 * Math.PI * hertz * at) / defaultRate)),
  );
}

export function wave(samples: Int16Array): Buffer {
  const bytes = Buffer.alloc(headerBytes + samples.byteLength);
  bytes.write('RIFF', 0, 'latin1');
  bytes.writeUInt32LE(bytes.length - 8, 4);
  bytes.write('WAVEfmt ', 8, 'latin1');
  bytes.writeUInt32LE(16, 16);
  bytes.writeUInt16LE(1, 20);
  bytes.writeUInt16LE(1, 22);
  bytes.writeUInt32LE(defaultRate, 24);
  bytes.writeUInt32LE(defaultRate * 2, 28);
  bytes.writeUInt16LE(2, 32);
  bytes.writeUInt16LE(16, 34);
  bytes.write('data', 36, 'latin1');
  bytes.writeUInt32LE(samples.byteLength, 40);
  for (const [at, sample] of samples.entries()) bytes.writeInt16LE(sample, headerBytes + at * 2);
  return bytes;
}

/** Throws for what is no such file. */
export function readWave(file: Uint8Array): { rate: number; seconds: number; loudest: number } {
  const bytes = Buffer.from(file.buffer, file.byteOffset, file.byteLength);
  const isWave = bytes.toString('latin1', 0, 4) === 'RIFF' && bytes.toString('latin1', 8, 12) === 'WAVE';
  if (!isWave || bytes.readUInt16LE(22) !== 1 || bytes.readUInt16LE(34) !== 16)
    throw new Error('no WAV of 16-bit samples of one channel');
  const data = bytes.indexOf('data', 12, 'latin1') + 8;
  const rate = bytes.readUInt32LE(24);
  let loudest = 0;
  for (let at = data; at + 2 <= bytes.length; at += 2)
    loudest = Math.max(loudest, Math.abs(bytes.readInt16LE(at)));
  return { rate, seconds: (bytes.length - data) / 2 / rate, loudest };
}
