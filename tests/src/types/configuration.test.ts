import path from 'node:path';
import { describe, expect, it } from '@jest/globals';
import ts from 'typescript';

const directory = path.resolve(import.meta.dirname, '../..');
const fixture = path.join(directory, 'src/types/configuration.fixture.ts');
const EXPECTED = /\/\/ @ts-expect-error (.+)/g;

/** What the compiler says of the fixture when nothing in it says that an error is expected. */
function complaints(): string[] {
  const config = ts.getParsedCommandLineOfConfigFile(
    path.join(directory, 'tsconfig.json'),
    { noEmit: true, incremental: false },
    { ...ts.sys, onUnRecoverableConfigFileDiagnostic: () => undefined },
  );
  const options = config?.options ?? {};
  const host = ts.createCompilerHost(options);
  const readFile = (file: string): string | undefined => ts.sys.readFile(file);
  host.readFile = (file) =>
    path.resolve(file) === fixture ? readFile(file)?.replace(EXPECTED, '// $1') : readFile(file);
  const program = ts.createProgram([fixture], options, host);
  return ts
    .getPreEmitDiagnostics(program, program.getSourceFile(fixture))
    .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'));
}

describe('the types of a configuration', () => {
  it('refuse each name that is not there, with a sentence that names it, and nothing else', () => {
    const expected = [...(ts.sys.readFile(fixture) ?? '').matchAll(EXPECTED)].map(([, sentence]) => sentence);
    expect(expected.length).toBeGreaterThan(8);
    expect(complaints()).toEqual(expected.map((sentence) => expect.stringContaining(sentence ?? '')));
  }, 60_000);
});
