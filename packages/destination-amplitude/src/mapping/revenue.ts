import type { AmplitudeEvent } from '../vendor.js';
import { furtherInsertId, type BaseEvent } from './base.js';
import { isFields, numberOf, present, textOf, type Fields } from './read.js';

type Money = Pick<AmplitudeEvent, 'revenue' | 'revenueType' | 'productId' | 'currency'>;

const is = (name: string, event: string): boolean => name.trim().toLowerCase() === event;

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
    productId: textOf(properties['product_id'] ?? properties['productId']),
    currency: textOf(properties['currency']),
  });
}

/**
 * One event per product of a completed order. They carry no revenue, since the order has it all, and no user
 * properties, since the order's `$add` would count again.
 */
export function productEventsOf(name: string, properties: Fields, base: BaseEvent): AmplitudeEvent[] {
  const { products } = properties;
  if (!is(name, 'order completed') || !Array.isArray(products)) return [];
  return products.filter(isFields).map((product, index) => ({
    ...base,
    event_type: 'Product Purchased',
    insert_id: furtherInsertId(base, index + 1),
    event_properties: product,
  }));
}
