import { useLocation, useSearch } from 'wouter';
import { RANGES, isRangeName, type RangeName } from './range.js';
import { Tabs } from './tabs.js';

const names = Object.keys(RANGES) as readonly RangeName[];

/** The range of time a page shows; it lives in the address as `range`. Default one hour. */
export function useRange(): readonly [RangeName, (name: RangeName) => void] {
  const search = useSearch();
  const [location, navigate] = useLocation();
  const given = new URLSearchParams(search).get('range');
  const set = (name: RangeName): void => {
    const parameters = new URLSearchParams(search);
    parameters.set('range', name);
    navigate(`${location}?${parameters.toString()}`, { replace: true });
  };
  return [isRangeName(given) ? given : '1h', set];
}

interface RangePickerProps {
  readonly value: RangeName;
  readonly onChange: (name: RangeName) => void;
}

export function RangePicker({ value, onChange }: RangePickerProps) {
  return (
    <Tabs
      label="Range of time"
      names={names.map((name) => RANGES[name].label)}
      current={RANGES[value].label}
      onChange={(label) => onChange(names.find((name) => RANGES[name].label === label) ?? '1h')}
    />
  );
}
