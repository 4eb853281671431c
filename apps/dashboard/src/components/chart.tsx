import { useEffect, useId, useRef } from 'react';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { formatAbsolute, formatMinute, formatTick } from '../format/instant.js';
import type { Tone } from './status-badge.js';
import { usePreferences } from './preferences.js';

export interface Series {
  readonly label: string;
  readonly tone: Tone;
  /** One per step; null where there is nothing to say. */
  readonly values: readonly (number | null)[];
}

/** Between the lines of a grid: there is no half of an event. */
const WHOLE_STEPS = Array.from({ length: 10 }, (_, power) => [1, 2, 5].map((n) => n * 10 ** power)).flat();

interface ChartProps {
  /** What is drawn and in which unit: the caption. */
  readonly label: string;
  /** Beginnings of the steps, in milliseconds. */
  readonly times: readonly number[];
  readonly series: readonly Series[];
  readonly format: (value: number) => string;
  readonly height?: number;
  /** `bars`: stacked on each other, in the order given. */
  readonly kind?: 'lines' | 'bars';
  /** false where the chart below has the same. Default true. */
  readonly timeAxis?: boolean;
}

/** A chart over time. Those who cannot see it get the same numbers as a table. */
export function Chart(props: ChartProps) {
  const { label, times, series, format, height = 120, kind = 'lines' } = props;
  const host = useRef<HTMLDivElement>(null);
  const caption = useId();
  const { theme, zone } = usePreferences();
  // Drawn anew when what is drawn has changed, not each time the page is rendered.
  const content = JSON.stringify([times, series]);
  useEffect(() => {
    const element = host.current;
    if (!element) return;
    let plot: uPlot | undefined;
    const draw = (): void => {
      plot?.destroy();
      plot = new uPlot(optionsOf(element, props, zone), dataOf(times, series, kind), element);
    };
    const resized = new ResizeObserver(() => plot?.setSize({ width: element.clientWidth, height }));
    const scheme = window.matchMedia('(prefers-color-scheme: dark)');
    draw();
    resized.observe(element);
    scheme.addEventListener('change', draw);
    return () => {
      resized.disconnect();
      scheme.removeEventListener('change', draw);
      plot?.destroy();
    };
    // eslint-disable-next-line react-hooks/exhaustive-deps -- `content` stands for times and series.
  }, [content, theme, zone, height, kind]);
  return (
    <figure className="chart">
      <figcaption className="chart-caption">
        <span id={caption}>{label}</span>
        {series.length > 1 && <Legend series={series} />}
      </figcaption>
      <div ref={host} aria-hidden="true" />
      <div className="visually-hidden">
        <table aria-labelledby={caption}>
          <thead>
            <tr>
              <th scope="col">Time</th>
              {series.map((each) => (
                <th key={each.label} scope="col">
                  {each.label}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {times.map((time, step) => (
              <tr key={time}>
                <th scope="row">{formatAbsolute(new Date(time), zone)}</th>
                {series.map(({ label: name, values }) => (
                  <td key={name}>{textOf(values[step], format)}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </figure>
  );
}

const Legend = ({ series }: Pick<ChartProps, 'series'>) => (
  <span className="chart-legend" aria-hidden="true">
    {series.map(({ label, tone }) => (
      <span key={label}>
        <i className={`swatch swatch-${tone}`} /> {label}
      </span>
    ))}
  </span>
);

const textOf = (value: number | null | undefined, format: (value: number) => string): string =>
  value === null || value === undefined ? '–' : format(value);

/** Stacked values are sums; the topmost is drawn first, so that each covers what it stands on. */
function dataOf(
  times: readonly number[],
  series: readonly Series[],
  kind: 'lines' | 'bars',
): uPlot.AlignedData {
  const seconds = times.map((time) => time / 1_000);
  if (kind === 'lines') return [seconds, ...series.map(({ values }) => [...values])];
  const sums = series.map((_, upTo) =>
    times.map((_time, step) =>
      series.slice(0, upTo + 1).reduce((sum, { values }) => sum + (values[step] ?? 0), 0),
    ),
  );
  return [seconds, ...sums.reverse()];
}

function optionsOf(element: HTMLElement, props: ChartProps, zone: 'local' | 'utc'): uPlot.Options {
  const { times, series, format, height = 120, kind = 'lines', timeAxis = true } = props;
  const spanMs = (times.at(-1) ?? 0) - (times[0] ?? 0);
  const stepMs = (times[1] ?? 0) - (times[0] ?? 0);
  const muted = colorOf(element, '--text-muted');
  const grid = { stroke: colorOf(element, '--border'), width: 1 };
  const axis = { stroke: muted, font: '11px system-ui, sans-serif', ticks: { show: false } };
  const drawn = kind === 'bars' ? [...series].reverse() : series;
  return {
    width: Math.max(element.clientWidth, 120),
    height,
    legend: { show: false },
    cursor: { y: false, points: { show: false }, drag: { x: false, y: false } },
    // The label of the last instant stands out beyond it.
    padding: [8, 18, timeAxis ? 0 : 4, 0],
    scales: {
      // A step begins at its time: the last one needs its width as well.
      x: { range: (_plot, min, max) => [min, kind === 'bars' ? max + stepMs / 1_000 : max] },
      y: { range: (_plot, _min, max) => [0, max > 0 ? max * 1.08 : 1] },
    },
    axes: [
      {
        ...axis,
        show: timeAxis,
        grid: { show: false },
        space: 70,
        size: 22,
        values: (_plot, splits) => splits.map((second) => formatTick(new Date(second * 1_000), zone, spanMs)),
      },
      {
        ...axis,
        grid,
        size: 46,
        space: Math.min(34, height / 4),
        ...(kind === 'bars' && { incrs: WHOLE_STEPS }),
        values: (_plot, splits) => splits.map(format),
      },
    ],
    series: [{}, ...drawn.map((each) => seriesOf(element, each, kind))],
    plugins: [tooltip(props, zone)],
  };
}

function seriesOf(
  element: HTMLElement,
  { tone, label, values }: Series,
  kind: 'lines' | 'bars',
): uPlot.Series {
  const color = colorOf(element, `--chart-${tone}`);
  if (kind === 'bars') {
    const paths = uPlot.paths.bars?.({ size: [0.86, 24], align: 1 });
    return { label, fill: color, width: 0, points: { show: false }, ...(paths && { paths }) };
  }
  // A line has two ends: a single value is a point.
  const single = values.filter((value) => value !== null).length === 1;
  return { label, stroke: color, width: 1.5, points: { show: single, size: 6, fill: color }, spanGaps: true };
}

/** A custom property may hold `light-dark()`, which a canvas does not know: an element resolves it. */
function colorOf(element: HTMLElement, property: string): string {
  const probe = document.createElement('span');
  probe.style.color = `var(${property})`;
  element.append(probe);
  const { color } = getComputedStyle(probe);
  probe.remove();
  return color;
}

/** The numbers of the step below the pointer. */
function tooltip({ times, series, format }: ChartProps, zone: 'local' | 'utc'): uPlot.Plugin {
  const box = document.createElement('div');
  box.className = 'chart-tooltip';
  box.hidden = true;
  return {
    hooks: {
      init: ({ over }) => {
        over.append(box);
        over.addEventListener('mouseleave', () => (box.hidden = true));
      },
      setCursor: ({ cursor: { idx, left = 0 }, over }) => {
        box.hidden = idx === null || idx === undefined || left < 0;
        if (idx === null || idx === undefined) return;
        const time = formatMinute(new Date(times[idx] ?? 0), zone);
        const lines = series.map(({ label, values }) => `${label} ${textOf(values[idx], format)}`);
        box.textContent = [time, ...lines].join('\n');
        const right = left > over.clientWidth / 2;
        box.style.left = right ? 'auto' : `${left + 12}px`;
        box.style.right = right ? `${over.clientWidth - left + 12}px` : 'auto';
      },
    },
  };
}
