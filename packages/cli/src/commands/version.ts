import { EXIT } from '../exit-codes.js';
import { ownVersion } from '../own-version.js';

/** Prints the version of the command, and what it runs on. */
export function version({ json = false }: { readonly json?: boolean }): number {
  const facts = {
    fragment: ownVersion(),
    node: process.versions.node,
    platform: `${process.platform}-${process.arch}`,
  };
  process.stdout.write(
    json
      ? `${JSON.stringify(facts)}\n`
      : `fragment ${facts.fragment} (Node ${facts.node}, ${facts.platform})\n`,
  );
  return EXIT.ok;
}
