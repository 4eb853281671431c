import { fileURLToPath } from 'node:url';
import { freePort } from '@fragment/testing';
import { killable, type FragmentProcess } from '../acceptance/fragment-process.js';

/** Node runs what is built. */
const main = fileURLToPath(new URL('../../dist/wire/host-main.js', import.meta.url));

/** An Express application that parses bodies and has the gateway below a prefix, as its own process. */
export async function hostProcess(env: Readonly<Record<string, string>>): Promise<FragmentProcess> {
  const port = await freePort();
  return killable({
    name: 'host',
    url: `http://127.0.0.1:${port}/cdp`,
    args: [main],
    env: { ...env, PORT: String(port) },
  });
}
