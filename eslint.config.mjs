import { readFileSync } from 'node:fs';
import { defineConfig, globalIgnores } from 'eslint/config';
import reactHooks from 'eslint-plugin-react-hooks';
import tseslint from 'typescript-eslint';

const layers = JSON.parse(readFileSync(new URL('config/layers.json', import.meta.url), 'utf8'));
const oneOf = (names) =>
  names.length > 0 ? names.map((name) => name.replace('/', '\\/')).join('|') : '-none-';

const internals = {
  regex: '^@fragment/[^/]+/(src|dist)',
  message: 'Import the package by its name: what its index does not export is not a promise.',
};

/** One block per package: which neighbours and which vendors it may import (config/layers.json, docs/architecture.md). */
const boundaries = Object.entries(layers).map(([name, { fragment, vendor }]) => ({
  files: [`packages/${name}/src/**/*.ts`],
  ignores: ['**/*.test.ts', '**/*.fixture.ts'],
  rules: {
    'no-restricted-imports': [
      'error',
      {
        patterns: [
          internals,
          {
            regex: `^@fragment/(?!(?:${oneOf(fragment)})$)`,
            message: `Imports point to lower layers: ${name} may import ${fragment.join(', ') || 'no Fragment package'} (config/layers.json).`,
          },
          {
            regex: `^(?!node:|\\.|@fragment/)(?!(?:${oneOf([...vendor, 'ajv', 'pino'])})(?:/|$))`,
            message: `A vendor library lives in the one package named for it: ${name} may use ${vendor.join(', ') || 'none'} (config/layers.json).`,
          },
        ],
      },
    ],
  },
}));

export default defineConfig(
  globalIgnores([
    '**/dist/**',
    '**/node_modules/**',
    '**/.turbo/**',
    '**/.fragment/**',
    'coverage/**',
    'packages/admin/static/**',
  ]),
  {
    files: ['**/*.ts', '**/*.tsx'],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      'max-lines': ['error', { max: 400 }],
      'max-lines-per-function': ['error', { max: 60, skipBlankLines: true, skipComments: true }],
      complexity: ['error', 15],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/consistent-type-definitions': 'off',
      '@typescript-eslint/consistent-indexed-object-style': 'off',
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/consistent-type-imports': 'error',
      // node:test waits for these by itself.
      '@typescript-eslint/no-floating-promises': [
        'error',
        { allowForKnownSafeCalls: [{ from: 'package', package: 'node:test', name: ['describe', 'it'] }] },
      ],
      'no-restricted-syntax': [
        'error',
        {
          selector: 'ExportDefaultDeclaration',
          message: 'Named exports only: one name for one thing everywhere.',
        },
      ],
    },
  },
  {
    files: ['packages/*/src/**/*.ts'],
    ignores: [
      '**/*.test.ts',
      '**/*.fixture.ts',
      'packages/postgres-embedded/**',
      'packages/segment-spec/**',
      'packages/testing/**',
    ],
    rules: {
      'no-restricted-syntax': [
        'error',
        {
          selector: 'ExportDefaultDeclaration',
          message: 'Named exports only: one name for one thing everywhere.',
        },
        {
          selector: "ThrowStatement > NewExpression[callee.name='Error']",
          message: 'Throw a FragmentError with a code of the registry: people search for codes.',
        },
      ],
    },
  },
  ...boundaries,
  {
    files: ['apps/dashboard/src/**/*.{ts,tsx}'],
    extends: [reactHooks.configs.flat['recommended-latest']],
    rules: {
      // What React is given as text is shown as text; this would not be.
      'no-restricted-syntax': [
        'error',
        {
          selector: 'ExportDefaultDeclaration',
          message: 'Named exports only: one name for one thing everywhere.',
        },
        {
          selector: "JSXAttribute[name.name='dangerouslySetInnerHTML']",
          message: 'Events carry what anybody sent: React text only.',
        },
      ],
      // Event listeners may be async: what they throw is shown by the mutation they run.
      '@typescript-eslint/no-misused-promises': ['error', { checksVoidReturn: { attributes: false } }],
    },
  },
  {
    files: ['apps/dashboard/src/**/*.{ts,tsx}'],
    ignores: ['apps/dashboard/src/format/**'],
    rules: {
      // Else a page in another language would have to be looked for line by line.
      'no-restricted-globals': [
        'error',
        { name: 'Intl', message: 'Times and numbers are written by src/format.' },
      ],
      'no-restricted-properties': [
        'error',
        ...[
          'toFixed',
          'toPrecision',
          'toLocaleString',
          'toLocaleDateString',
          'toLocaleTimeString',
          'toDateString',
          'toTimeString',
        ].map((property) => ({ property, message: 'Times and numbers are written by src/format.' })),
      ],
    },
  },
  {
    files: ['apps/*/fragment.config.ts', 'apps/dashboard/vite.config.ts'],
    rules: { 'no-restricted-syntax': 'off' },
  },
  {
    files: ['**/*.test.ts'],
    rules: {
      'max-lines': ['error', { max: 450 }],
      'max-lines-per-function': 'off',
      '@typescript-eslint/no-non-null-assertion': 'off',
    },
  },
);
