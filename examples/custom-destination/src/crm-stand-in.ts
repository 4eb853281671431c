import { startFakeVendor } from '@fragment/testing';

const { CRM_PORT = '4010', CRM_KEY = 'development' } = process.env;

/** Refuses what the CRM refuses, and says what it took: the example runs without a CRM. */
const crm = await startFakeVendor(
  ({ method, path, headers, body }) => {
    if (headers.authorization !== `Bearer ${CRM_KEY}`) return { status: 401 };
    if (method !== 'POST' || path !== '/leads') return { status: 404 };
    const { email } = (body ?? {}) as { email?: unknown };
    if (typeof email !== 'string' || !email.includes('@')) return { status: 422 };
    console.log(`A new lead: ${JSON.stringify(body)}`);
    return { status: 201 };
  },
  { port: Number(CRM_PORT) },
);
console.log(`The CRM listens on ${crm.url}.`);

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void crm.stop());
