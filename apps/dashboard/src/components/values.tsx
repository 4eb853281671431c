import { Fragment } from 'react';
import { formatDuration, formatRelative } from '../format/duration.js';
import { formatAbsolute, formatClock } from '../format/instant.js';
import { formatCount } from '../format/number.js';
import { usePreferences } from './preferences.js';
import { useNow } from './use-now.js';

interface InstantProps {
  readonly at: string | null | undefined;
  /** `relative`: 12 s ago, the instant as its title. `absolute`: date and time. `clock`: the time alone, unless it is of another day. */
  readonly as?: 'relative' | 'absolute' | 'clock';
}

/** A point in time; a dash where there is none. */
export function Instant({ at, as = 'relative' }: InstantProps) {
  if (!at) return <span className="muted">–</span>;
  return as === 'relative' ? <RelativeInstant at={at} /> : <FixedInstant at={at} as={as} />;
}

function RelativeInstant({ at }: { readonly at: string }) {
  const now = useNow();
  const { zone } = usePreferences();
  const date = new Date(at);
  return (
    <time dateTime={at} title={formatAbsolute(date, zone)} className="nowrap">
      {formatRelative(date, now)}
    </time>
  );
}

function FixedInstant({ at, as }: { readonly at: string; readonly as: 'absolute' | 'clock' }) {
  const { zone } = usePreferences();
  const absolute = formatAbsolute(new Date(at), zone);
  return (
    <time dateTime={at} title={absolute} className="nowrap">
      {as === 'clock' ? formatClock(new Date(at), zone) : absolute}
    </time>
  );
}

/** A span of time in milliseconds; a dash where it is not known. */
export function Duration({ ms }: { readonly ms: number | null | undefined }) {
  if (ms === null || ms === undefined) return <span className="muted">–</span>;
  return (
    <span className="nowrap number" title={`${formatCount(ms)} ms`}>
      {formatDuration(ms)}
    </span>
  );
}

/** A number of things; `capped`: there are at least as many. */
export function Count({ value, capped = false }: { readonly value: number; readonly capped?: boolean }) {
  return (
    <span className="number" title={capped ? 'Counted no further' : undefined}>
      {formatCount(value, capped)}
    </span>
  );
}

/** A code of words in capitals, which breaks between its words only. */
export function Code({ children }: { readonly children: string }) {
  return (
    <code>
      {children.split(/(?<=_)/).map((word, at) => (
        <Fragment key={at}>
          {at > 0 && <wbr />}
          {word}
        </Fragment>
      ))}
    </code>
  );
}

/** An id, shortened in the middle by the page's width; whole in the title and when copied. */
export function Id({ children }: { readonly children: string }) {
  return (
    <code className="id" title={children}>
      {children}
    </code>
  );
}

/** The distance between two instants, in milliseconds. */
export const spanMs = (from: string, to: string | null, now: number = Date.now()): number =>
  (to === null ? now : Date.parse(to)) - Date.parse(from);
