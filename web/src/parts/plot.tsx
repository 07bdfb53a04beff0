import { useEffect, useRef } from 'preact/hooks';
import type uPlot from 'uplot';
import { isDark, theme } from '../live/theme.ts';
import { time } from '../words/format.ts';

export interface PlotLine {
  readonly label: string;
  /** Name of a colour of the page: `--good`. */
  readonly color: string;
  readonly values: readonly (number | null)[];
  readonly isFilled?: boolean;
  readonly isDashed?: boolean;
}

interface Props {
  /** What the picture says, in words. */
  readonly label: string;
  /** Unix milliseconds. */
  readonly times: readonly number[];
  readonly lines: readonly PlotLine[];
  readonly height?: number;
  readonly format: (value: number) => string;
}

/** Lines over time; the library comes once it is needed. */
export function Plot({ label, times, lines, height = 170, format }: Props) {
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const shape = `${isDark()} ${theme.value} ${lines.map((line) => line.label).join()} ${height}`;
  const data = [times.map((at) => at / 1_000), ...lines.map((line) => [...line.values])] as uPlot.AlignedData;
  const newest = useRef(data);
  newest.current = data;

  useEffect(() => {
    let isLeft = false;
    const resized = new ResizeObserver(() => {
      if (box.current !== null) plot.current?.setSize({ width: box.current.clientWidth, height });
    });
    const draw = async (): Promise<void> => {
      const { default: UPlot } = await import('uplot');
      if (isLeft || box.current === null) return;
      plot.current = new UPlot(options(box.current, lines, height, format), newest.current, box.current);
      resized.observe(box.current);
    };
    void draw();
    return () => {
      isLeft = true;
      resized.disconnect();
      plot.current?.destroy();
      plot.current = null;
    };
  }, [shape]);
  useEffect(() => {
    plot.current?.setData(data);
  });

  return (
    <figure class="plot">
      <div ref={box} role="img" aria-label={label} style={{ minHeight: `${height}px` }} />
      <figcaption>
        {lines.map((line) => (
          <span key={line.label}>
            <i
              class={`swatch ${line.isDashed === true ? 'dashed' : ''}`}
              style={{ '--swatch': `var(${line.color})` }}
            />
            {line.label}
          </span>
        ))}
      </figcaption>
    </figure>
  );
}

/** A token as a plain colour: the canvas knows neither `var` nor `light-dark`. */
function colorOf(box: HTMLElement, name: string): string {
  const before = box.style.color;
  box.style.color = `var(${name})`;
  const { color } = getComputedStyle(box);
  box.style.color = before;
  return color;
}

function options(
  box: HTMLElement,
  lines: readonly PlotLine[],
  height: number,
  format: (value: number) => string,
): uPlot.Options {
  const color = (name: string): string => colorOf(box, name);
  const font = `11px ${getComputedStyle(document.body).fontFamily}`;
  const axis: uPlot.Axis = {
    stroke: color('--soft'),
    font,
    grid: { stroke: color('--line'), width: 1 },
    ticks: { show: false },
    gap: 6,
  };
  return {
    width: box.clientWidth,
    height,
    legend: { show: false },
    cursor: { show: false },
    padding: [10, 28, 0, 0],
    scales: { x: { time: true }, y: { range: (_plot, _low, high) => [0, Math.max(1, high * 1.08)] } },
    axes: [
      { ...axis, size: 26, space: 90, values: (_plot, ticks) => ticks.map((at) => time(at * 1_000)) },
      { ...axis, size: 52, space: 36, values: (_plot, ticks) => ticks.map(format) },
    ],
    series: [
      {},
      ...lines.map((line) => ({
        label: line.label,
        stroke: color(line.color),
        width: 2,
        points: { show: false },
        ...(line.isDashed === true ? { dash: [5, 4] } : {}),
        ...(line.isFilled === true
          ? { fill: `color-mix(in srgb, ${color(line.color)} 16%, transparent)` }
          : {}),
      })),
    ],
  };
}
