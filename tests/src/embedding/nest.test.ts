import 'reflect-metadata';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { Body, Controller, Inject, Logger, Module, Post, type OnApplicationShutdown } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { client, createFragment, type Fragment, type FragmentOptions } from '@fragment/runtime';
import { testPostgres, waitFor, type TestPostgres } from '@fragment/testing';
import { recorder } from '../acceptance/recorder.js';
import { Opened, post } from '../acceptance/world.js';

const FRAGMENT = Symbol('fragment');

const opened = new Opened();
let database: TestPostgres;
beforeAll(async () => {
  Logger.overrideLogger(false);
  database = await testPostgres();
});
afterEach(() => opened.stop());
afterAll(() => database.stop());

class Orders {
  readonly #fragment: Fragment;

  constructor(fragment: Fragment) {
    this.#fragment = fragment;
  }

  create({ id }: { readonly id: string }) {
    return client(this.#fragment.app).track({ userId: 'u-1', event: 'Order Paid', messageId: `order-${id}` });
  }
}

class ShopModule implements OnApplicationShutdown {
  readonly #fragment: Fragment;

  constructor(fragment: Fragment) {
    this.#fragment = fragment;
  }

  /** Nest has closed its server before this: nothing new comes in any more. */
  onApplicationShutdown(): Promise<void> {
    return this.#fragment.stop();
  }
}

// What `@Controller('orders')` and so on do; this repository's TypeScript has no syntax of Nest's kind.
Controller('orders')(Orders);
Inject(FRAGMENT)(Orders, undefined, 0);
Inject(FRAGMENT)(ShopModule, undefined, 0);
Post()(Orders.prototype, 'create', Object.getOwnPropertyDescriptor(Orders.prototype, 'create')!);
Body()(Orders.prototype, 'create', 0);

async function nestHost(mount: (nest: NestExpressApplication, fragment: Fragment) => void) {
  const { destination, taken } = recorder('crm');
  const options: FragmentOptions = {
    postgres: database.url,
    destinations: [destination],
    gateway: { port: false },
    scheduler: { port: false },
    admin: { hostLogin: true },
    logLevel: 'silent',
  };
  const provider = { provide: FRAGMENT, useFactory: () => createFragment(options) };
  Module({ controllers: [Orders], providers: [provider] })(ShopModule);
  const nest = await NestFactory.create<NestExpressApplication>(ShopModule);
  const fragment = opened.add(nest.get<Fragment>(FRAGMENT));
  mount(nest, fragment);
  await fragment.start();
  await nest.listen(0, '127.0.0.1');
  opened.add({ stop: () => nest.close() });
  return { url: await nest.getUrl(), nest, fragment, taken };
}

describe('inside NestJS', () => {
  it.each([
    ['before its body parser', () => undefined],
    [
      'behind its body parser',
      (nest: NestExpressApplication) => nest.useBodyParser('json', { limit: '2mb' }),
    ],
  ])('takes events %s, serves its dashboard, and stops with the host', async (_, parser) => {
    const { url, nest, fragment, taken } = await nestHost((host, { gateway, admin }) => {
      parser(host);
      host.use('/cdp', gateway.router());
      host.use('/admin', admin.router());
    });
    const id = `of ${url}`;
    for (const [type, messageId] of [
      ['application/json', `json ${id}`],
      ['text/plain', `text ${id}`],
    ] as const) {
      const message = { userId: 'u-1', event: 'Signed Up', messageId };
      const answer = await post(`${url}/cdp/v1/track`, message, { 'content-type': type });
      expect([type, answer.status]).toEqual([type, 200]);
    }
    expect((await post(`${url}/orders`, { id })).body).toMatchObject({ outcome: 'stored' });
    await waitFor(() => taken.length === 3);
    expect(taken.map(({ event }) => event.messageId).sort()).toEqual(
      [`json ${id}`, `order-${id}`, `text ${id}`].sort(),
    );
    expect((await fetch(`${url}/admin/api/destinations`)).status).toBe(200);
    // What is Nest's stays Nest's.
    expect((await post(`${url}/cdp/nothing`, {})).body).toMatchObject({
      message: 'Cannot POST /cdp/nothing',
    });

    await nest.close();
    await expect(fragment.start()).rejects.toMatchObject({ code: 'FRAGMENT_APPLICATION_STATE' });
    await expect(fetch(`${url}/orders`)).rejects.toThrow('fetch failed');
  });
});
