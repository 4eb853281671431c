import type { FileList } from '../templates.js';
import { namesOf } from '../names.js';
import { join } from '../project.js';
import type { Registration } from '../registration.js';
import type { GenerateRequest } from '../request.js';

/** The hooks of a trigger or an action: a file of their own, which their parent's `hooks.ts` runs. */
export function childHooks(
  request: GenerateRequest,
  directory: string,
  waits?: string,
): { readonly files: FileList; readonly registrations: readonly Registration[] } {
  if (!request.hooks) return { files: [], registrations: [] };
  const { name, type } = namesOf(request.name, request.kind);
  return {
    files: [['hooks/child.ts', join(directory, `${name}.hooks.ts`)]],
    registrations: [
      {
        path: join(directory, 'hooks.ts'),
        lines: () => [
          { slot: 'imports', line: `import { close${type}, open${type} } from './${name}.hooks.js';` },
          { slot: 'opening', line: `open${type},` },
          { slot: 'closing', line: `close${type},` },
        ],
        ...(waits !== undefined && { waits }),
      },
    ],
  };
}
