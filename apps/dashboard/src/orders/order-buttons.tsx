import { useState } from 'react';
import { Link } from 'wouter';
import type { BulkKind } from '../api/types.js';
import { Button } from '../components/button.js';
import { useToast } from '../components/toasts.js';
import type { Filters } from '../filters/filters.js';
import { formatNumberOf } from '../format/number.js';
import { OrderDialog } from './order-dialog.js';
import { KINDS } from './order-texts.js';

interface OrderButtonsProps {
  readonly kinds: readonly BulkKind[];
  readonly filters: Filters;
  /** What the order would be about, for the buttons: `all that match`, `3 jobs`. */
  readonly about: string;
}

/** Gives an order about what a list shows. */
export function OrderButtons({ kinds, filters, about }: OrderButtonsProps) {
  const toast = useToast();
  const [kind, setKind] = useState<BulkKind>();
  return (
    <>
      {kinds.map((each) => (
        <Button key={each} size="small" needs={KINDS[each].needs} onClick={() => setKind(each)}>
          {KINDS[each].verb} {about}
        </Button>
      ))}
      {kind && (
        <OrderDialog
          kind={kind}
          filters={[filters]}
          onOrdered={(orders) =>
            toast(
              <>
                {formatNumberOf(orders.length, 'order')} given. <Link href="/orders">Follow it</Link>
              </>,
            )
          }
          onClose={() => setKind(undefined)}
        />
      )}
    </>
  );
}
