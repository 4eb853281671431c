import { useId, useState } from 'react';
import { useWrite } from '../api/queries.js';
import type { Bulk, BulkKind, Preview } from '../api/types.js';
import { Button } from '../components/button.js';
import { Dialog, TypedField } from '../components/dialog.js';
import { ErrorNote, Loading, Note } from '../components/notes.js';
import { Chips } from '../filters/filter-bar.js';
import type { Filters } from '../filters/filters.js';
import { formatDuration } from '../format/duration.js';
import { formatNumberOf } from '../format/number.js';
import { placeOrders, usePreview } from './order-api.js';
import { KINDS, orderLabel } from './order-texts.js';
import { readRate } from './rate.js';
import './orders.css';

interface OrderDialogProps {
  readonly kind: BulkKind;
  /** What it is about: one order for each. */
  readonly filters: readonly Filters[];
  readonly onOrdered: (orders: readonly Bulk[]) => void;
  readonly onClose: () => void;
}

const SHOWN = 3;

/** Shows how many an order would be about, asks for a rate, and gives the order. */
export function OrderDialog({ kind, filters, onOrdered, onClose }: OrderDialogProps) {
  const { verb, meaning, needs, danger, typed } = KINDS[kind];
  const [rateText, setRateText] = useState('');
  const [typedText, setTypedText] = useState('');
  const preview = usePreview(kind, filters);
  const rate = readRate(rateText);
  const place = useWrite((perSecond: number | undefined) => placeOrders(kind, filters, perSecond));
  const order = (): void =>
    place.mutate(rate.perSecond, {
      onSuccess: (orders) => {
        onOrdered(orders);
        onClose();
      },
    });
  return (
    <Dialog title={`${verb} all that match`} onClose={onClose}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          order();
        }}
      >
        {preview.error && <ErrorNote error={preview.error} />}
        <PreviewCount kind={kind} preview={preview.data} perSecond={rate.perSecond} />
        <Selections filters={filters} />
        <p>{meaning}</p>
        <RateField text={rateText} onChange={setRateText} kind={kind} />
        {typed !== undefined && <TypedField wanted={typed} text={typedText} onChange={setTypedText} />}
        {place.error && <ErrorNote error={place.error} />}
        <div className="dialog-actions">
          <Button onClick={onClose}>Close</Button>
          <Button
            type="submit"
            needs={needs}
            look={danger ? 'danger' : 'primary'}
            busy={place.isPending}
            disabled={!preview.data?.count || !rate.valid || (typed !== undefined && typedText !== typed)}
          >
            {preview.data ? orderLabel(kind, preview.data.count, preview.data.count_is_capped) : verb}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

interface PreviewCountProps {
  readonly kind: BulkKind;
  readonly preview: Pick<Preview, 'count' | 'count_is_capped'> | undefined;
  readonly perSecond: number | undefined;
}

/** How many it is about, and how long that takes at the rate. */
function PreviewCount({ kind, preview, perSecond }: PreviewCountProps) {
  if (!preview) return <Loading />;
  const { count, count_is_capped: capped } = preview;
  if (count === 0)
    return <Note tone="info">Nothing matches that this could change. It may have changed meanwhile.</Note>;
  return (
    <p aria-live="polite">
      <strong className="order-count">{formatNumberOf(count, KINDS[kind].unit, capped)}</strong>{' '}
      {perSecond !== undefined && (
        <span className="muted">
          {capped ? 'at least' : 'about'} {formatDuration((count / perSecond) * 1_000)} at this rate
        </span>
      )}
    </p>
  );
}

/** What is selected, the first few of it in full. */
function Selections({ filters }: { readonly filters: readonly Filters[] }) {
  return (
    <div className="order-selections">
      {filters.slice(0, SHOWN).map((each) => (
        <Chips key={JSON.stringify(each)} filters={each} />
      ))}
      {filters.length > SHOWN && (
        <p className="muted">and {formatNumberOf(filters.length - SHOWN, 'more group')}</p>
      )}
    </div>
  );
}

interface RateFieldProps {
  readonly text: string;
  readonly onChange: (text: string) => void;
  readonly kind: BulkKind;
}

function RateField({ text, onChange, kind }: RateFieldProps) {
  const { unit, pace } = KINDS[kind];
  const hint = useId();
  return (
    <label className="field order-rate">
      <span>At most this many {unit}s a second</span>
      <input
        type="number"
        min={0}
        step="any"
        inputMode="decimal"
        placeholder="as fast as it goes"
        aria-describedby={hint}
        value={text}
        onChange={({ target }) => onChange(target.value)}
      />
      <small id={hint} className="muted">
        {pace}
      </small>
    </label>
  );
}
