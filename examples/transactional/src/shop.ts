import type { Knex } from 'knex';
import type { Client } from '@fragment/runtime';

export interface Order {
  readonly id: string;
  readonly customer: string;
  readonly total: number;
}

/** The card was refused. */
export class PaymentRefused extends Error {}

export interface Shop {
  /** @throws {PaymentRefused} and then there is neither an order nor an event. */
  placeOrder(order: Order): Promise<void>;
  orders(): Promise<readonly Order[]>;
}

/** Orders in a table of the shop's own, in the database where Fragment keeps its events. */
export async function openShop(knex: Knex, segment: Client): Promise<Shop> {
  if (!(await knex.schema.hasTable('orders'))) {
    await knex.schema.createTable('orders', (table) => {
      table.text('id').primary();
      table.text('customer').notNullable();
      table.integer('total').notNullable();
    });
  }
  return {
    placeOrder: (order) =>
      knex.transaction(async (transaction) => {
        await transaction<Order>('orders').insert(order);
        await segment.track(
          {
            messageId: `order-${order.id}`,
            userId: order.customer,
            event: 'Order Placed',
            properties: { orderId: order.id, total: order.total },
          },
          { transaction },
        );
        // Whatever throws from here on takes the row and the event back, together.
        charge(order);
      }),
    orders: async () => await knex<Order>('orders').orderBy('id'),
  };
}

function charge({ total }: Order): void {
  if (total > 1000) throw new PaymentRefused(`A card pays for 1000 at most, not for ${total}.`);
}
