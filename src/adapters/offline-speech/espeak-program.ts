/**
 * A program of its own: eSpeak NG, compiled to WebAssembly. It reads a text from a file and writes a WAV to its standard
 * output. Apart from the node, because it computes for seconds at a stretch, and because its licence is the GPL.
 */
import { readFileSync } from 'node:fs';
// @ts-expect-error It comes without types.
import openEngine from 'espeak-ng';

interface Engine {
  readonly FS: { writeFile(path: string, text: string): void; readFile(path: string): Uint8Array };
}

const [, , path = ''] = process.argv;
const text = readFileSync(path, 'utf8');
const engine: Engine = await openEngine({
  arguments: ['-v', 'en-us', '-s', '165', '-b', '1', '-w', 'spoken.wav', '-f', 'text'],
  preRun: [({ FS }: Engine) => FS.writeFile('text', text)],
  print: () => {},
  printErr: () => {},
});
process.stdout.write(engine.FS.readFile('spoken.wav'));
