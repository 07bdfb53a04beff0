import type { ChartDrawing, DrawnEdge, DrawnState } from '../../build/chart-drawing.ts';

/** `a.b.c` with everything around it, the innermost first. */
export function withParents(path: string): readonly string[] {
  const keys = path.split('.');
  return keys.map((_, place) => keys.slice(0, keys.length - place).join('.'));
}

/** The line that was taken from one state to the next; undefined when the chart passed through others at once. */
export function takenEdge({ edges }: ChartDrawing, from: string, to: string): DrawnEdge | undefined {
  const [outside, inside] = [withParents(from), withParents(to)];
  for (const source of outside) {
    const found = inside
      .map((target) => edges.find((edge) => edge.from === source && edge.to === target))
      .find((edge) => edge !== undefined);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Everything that may happen next in that state: where it leads, and by what. */
export function exitsFrom({ edges }: ChartDrawing, path: string): readonly DrawnEdge[] {
  const here = withParents(path);
  return edges.filter(({ from, to }) => here.includes(from) && !here.includes(to));
}

/** A line with round corners, as the `d` of a path. */
export function roundedLine(points: DrawnEdge['points'], radius = 7): string {
  const [first, ...rest] = points;
  if (first === undefined) return '';
  const corners = rest.slice(0, -1).map((corner, place) => {
    const before = points[place] ?? corner;
    const after = points[place + 2] ?? corner;
    const [a, b] = [toward(corner, before, radius), toward(corner, after, radius)];
    return `L${a[0]} ${a[1]}Q${corner[0]} ${corner[1]} ${b[0]} ${b[1]}`;
  });
  const last = rest.at(-1) ?? first;
  return `M${first[0]} ${first[1]}${corners.join('')}L${last[0]} ${last[1]}`;
}

type Point = readonly [number, number];
function toward(from: Point, to: Point, wanted: number): Point {
  const [dx, dy] = [to[0] - from[0], to[1] - from[1]];
  const length = Math.hypot(dx, dy);
  if (length === 0) return from;
  const share = Math.min(wanted, length / 2) / length;
  return [round(from[0] + dx * share), round(from[1] + dy * share)];
}

const round = (value: number): number => Math.round(value * 10) / 10;

/** The next state in the direction of an arrow key, by the middle of each. */
export function neighbour(
  { states }: ChartDrawing,
  from: DrawnState,
  key: 'ArrowUp' | 'ArrowDown' | 'ArrowLeft' | 'ArrowRight',
): DrawnState | undefined {
  const middle = ({ x, y, width, height, kind }: DrawnState): Point => [
    x + width / 2,
    // A state that has others in it is taken for its head.
    kind === 'atomic' || kind === 'final' ? y + height / 2 : y + 16,
  ];
  const [x0, y0] = middle(from);
  const isVertical = key === 'ArrowUp' || key === 'ArrowDown';
  const sign = key === 'ArrowDown' || key === 'ArrowRight' ? 1 : -1;
  const reach = (state: DrawnState): number => {
    const [x, y] = middle(state);
    const along = sign * (isVertical ? y - y0 : x - x0);
    const aside = Math.abs(isVertical ? x - x0 : y - y0);
    return along <= 4 ? Infinity : along + 2 * aside;
  };
  const best = states.filter((state) => state !== from).toSorted((a, b) => reach(a) - reach(b))[0];
  return best !== undefined && Number.isFinite(reach(best)) ? best : undefined;
}
