import { startService } from './service.js';

const { env } = process;

async function main(): Promise<void> {
  const service = await startService({
    port: Number(env['PORT'] ?? 3000),
    apiToken: env['SHOP_API_TOKEN'] ?? 'development',
    newsletterUrl: env['NEWSLETTER_URL'],
    env,
  });
  console.log(`The shop listens on ${service.url}, and takes events at ${service.url}/cdp/v1/track.`);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void service.stop());
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
