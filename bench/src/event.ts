import { randomBytes } from 'node:crypto';

const seed = randomBytes(6).toString('hex');
let count = 0;

/** A Segment track event of about 900 bytes, as a server SDK sends it, each with a messageId of its own. */
export function trackEvent(): string {
  count += 1;
  return `{"type":"track","messageId":"node-next-1763900000000-${seed}-${count}","userId":"user-${count % 1_000}","event":"Order Completed","timestamp":"2026-11-23T10:42:05.574Z","properties":{"order_id":"50314b8e9bcf000000000000","checkout_id":"fksdjfsdjfisjf9sdfjsd9f","affiliation":"Google Store","total":27.5,"subtotal":22.5,"revenue":25,"shipping":3,"tax":2,"discount":2.5,"coupon":"hasbros","currency":"USD","products":[{"product_id":"507f1f77bcf86cd799439011","sku":"45790-32","name":"Monopoly: 3rd Edition","price":19,"quantity":1,"category":"Games"},{"product_id":"505bd76785ebb509fc183733","sku":"46493-32","name":"Uno Card Game","price":3,"quantity":2,"category":"Games"}]},"context":{"library":{"name":"@segment/analytics-node","version":"3.1.0"},"ip":"203.0.113.7","locale":"en-US"},"integrations":{},"_metadata":{"nodeVersion":"20.20.2","jsRuntime":"node"}}`;
}

/** A Segment identify event of a new user with an address. */
export function identifyEvent(): string {
  count += 1;
  return `{"type":"identify","messageId":"node-next-1763900000000-${seed}-${count}","userId":"user-${count}","timestamp":"2026-11-23T10:42:05.574Z","traits":{"email":"user-${count}@engines.test","firstName":"Ada","lastName":"Lovelace","plan":"pro","address":{"street":"6th St","city":"San Francisco","state":"CA","postalCode":"94103","country":"US"}},"context":{"library":{"name":"@segment/analytics-node","version":"3.1.0"},"ip":"203.0.113.7","locale":"en-US"},"integrations":{}}`;
}
