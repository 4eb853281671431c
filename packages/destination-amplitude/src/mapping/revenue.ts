import type { MappingSettings } from '../options.js';
import type { AmplitudeEvent } from '../vendor.js';
import { furtherInsertId, type BaseEvent } from './base.js';
import { isFields, numberOf, present, textOf, type Fields } from './read.js';

type Money = Pick<
  AmplitudeEvent,
  'price' | 'quantity' | 'revenue' | 'revenueType' | 'productId' | 'currency'
>;

const is = (name: string, event: string): boolean => name.trim().toLowerCase() === event;
const productIdOf = (from: Fields): string | undefined =>
  textOf(from['product_id']) ?? textOf(from['productId']);

/**
 * `revenue` alone: with price and quantity beside it Amplitude counts price times quantity instead, and a cart event
 * that has only those would count as money. A refund is negative.
 */
export function revenueOf(name: string, properties: Fields): Money {
  const revenue = numberOf(properties['revenue']);
  if (revenue === undefined) return {};
  const refund = is(name, 'order refunded');
  return present<Money>({
    revenue: refund ? -Math.abs(revenue) : revenue,
    revenueType: textOf(properties['revenueType']) ?? (refund ? 'Refund' : 'Purchase'),
    productId: productIdOf(properties),
    currency: textOf(properties['currency']),
  });
}

/**
 * One event per product of a completed order, with its revenue where the settings count by product. They carry no user
 * properties, since the order's `$add` would count again.
 */
export function productEventsOf(
  name: string,
  properties: Fields,
  base: BaseEvent,
  { revenue }: MappingSettings,
): AmplitudeEvent[] {
  const { products } = properties;
  if (!is(name, 'order completed') || !Array.isArray(products)) return [];
  return products.filter(isFields).map((product, index) => ({
    ...base,
    event_type: 'Product Purchased',
    insert_id: furtherInsertId(base, index + 1),
    event_properties: product,
    ...(revenue === 'product' && productRevenueOf(product, properties)),
  }));
}

/** Does an event count as money? */
export const hasRevenue = (event: AmplitudeEvent): boolean =>
  event.revenue !== undefined || event.price !== undefined;

/** Price and quantity when both are numbers, else revenue, else nothing. A quantity that isn't whole can't be sent. */
function productRevenueOf(product: Fields, order: Fields): Money {
  const price = numberOf(product['price']);
  const quantity = numberOf(product['quantity']);
  const both = price !== undefined && quantity !== undefined;
  const whole = Number.isSafeInteger(quantity);
  const revenue = both ? price * quantity : numberOf(product['revenue']);
  if (revenue === undefined) return {};
  return present<Money>({
    ...(both && whole ? { price, quantity } : { revenue }),
    revenueType: textOf(product['revenueType']) ?? textOf(order['revenueType']) ?? 'Purchase',
    productId: productIdOf(product),
    currency: textOf(product['currency']) ?? textOf(order['currency']),
  });
}
