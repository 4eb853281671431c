import { createFragment } from '@fragment/runtime';
import { crm } from './crm.js';
import { forms } from './forms.js';

const { CRM_URL = 'http://127.0.0.1:4010', CRM_KEY = 'development' } = process.env;

const fragment = await createFragment(
  {
    name: 'leads',
    sources: [forms],
    destinations: [crm({ endpoint: CRM_URL, apiKey: CRM_KEY })],
  },
  { env: process.env },
);
const { gateway } = await fragment.start();
console.log(`Forms are taken at ${gateway?.url}/forms/<name>.`);

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void fragment.stop());
