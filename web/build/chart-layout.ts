import elkModule, { type ELK, type ElkExtendedEdge, type ElkNode } from 'elkjs/lib/elk.bundled.js';
import type { ChartEdge, ChartGraph, ChartState } from '../../src/machines/chart-graph.ts';
import type { ChartDrawing, DrawnEdge, DrawnState } from './chart-drawing.ts';

/** A CommonJS module with types of an ECMAScript one: what is the class depends on who reads them. */
const elkClass: unknown = elkModule;
const Elk = elkClass as new () => ELK;

const stateSize = { width: 126, height: 42 } as const;

const layout = {
  'elk.algorithm': 'layered',
  'elk.direction': 'DOWN',
  'elk.hierarchyHandling': 'INCLUDE_CHILDREN',
  'elk.edgeRouting': 'ORTHOGONAL',
  'elk.json.shapeCoords': 'ROOT',
  'elk.json.edgeCoords': 'ROOT',
  'elk.layered.nodePlacement.strategy': 'NETWORK_SIMPLEX',
  'elk.layered.mergeEdges': 'true',
  'elk.layered.mergeHierarchyEdges': 'true',
  'elk.layered.spacing.nodeNodeBetweenLayers': '22',
  'elk.layered.spacing.edgeNodeBetweenLayers': '10',
  'elk.layered.spacing.edgeEdgeBetweenLayers': '8',
  'elk.spacing.nodeNode': '22',
  'elk.spacing.edgeNode': '12',
  'elk.spacing.edgeEdge': '8',
  'elk.padding': '[top=4,left=4,bottom=4,right=4]',
} as const;
const compound = { ...layout, 'elk.padding': '[top=34,left=12,bottom=12,right=12]' };

/** Places of a chart's states and the way of its lines. */
export async function layOutChart(graph: ChartGraph): Promise<ChartDrawing> {
  const elk = new Elk();
  const placed: ElkNode = await elk.layout({
    id: 'chart',
    layoutOptions: layout,
    children: nodesIn(graph, null),
    edges: graph.edges.map((edge, place) => ({
      id: `edge${place}`,
      // Charts list their states in life-cycle order: what leads back up is laid out as if it led down.
      sources: [isBackward(graph, edge) ? edge.to : edge.from],
      targets: [isBackward(graph, edge) ? edge.from : edge.to],
      layoutOptions: isMainWay(graph, edge)
        ? { 'elk.layered.priority.straightness': '20', 'elk.layered.priority.direction': '10' }
        : {},
    })),
  });
  const places = new Map(nodesOf(placed).map((node) => [node.id, node]));
  const lines = new Map((placed.edges ?? []).map((edge) => [edge.id, edge]));
  return {
    chart: graph.chart,
    width: round(placed.width),
    height: round(placed.height),
    states: graph.states.map((state) => drawnState(state, places.get(state.id))),
    edges: graph.edges.map((edge, place) => {
      const { points, ...drawn } = drawnEdge(edge, lines.get(`edge${place}`));
      return { ...drawn, points: isBackward(graph, edge) ? points.toReversed() : points };
    }),
  };
}

function nodesIn(graph: ChartGraph, parent: string | null): ElkNode[] {
  return graph.states
    .filter((state) => state.parent === parent)
    .map((state) => {
      const children = nodesIn(graph, state.id);
      return children.length > 0
        ? { id: state.id, children, layoutOptions: compound }
        : { id: state.id, ...stateSize };
    });
}

function isBackward(graph: ChartGraph, edge: ChartEdge): boolean {
  const place = (id: string): number => graph.states.findIndex((state) => state.id === id);
  return place(edge.to) < place(edge.from);
}

/** From a state to the next one of the life cycle, or into the work that it begins with. */
function isMainWay(graph: ChartGraph, edge: ChartEdge): boolean {
  const top = graph.states.filter(({ parent }) => parent === null).map(({ id }) => id);
  const [from, to] = [edge.from, edge.to].map((id) => top.indexOf(id.split('.')[0] ?? ''));
  return from !== undefined && to === from + 1;
}

const nodesOf = (node: ElkNode): ElkNode[] => [node, ...(node.children ?? []).flatMap(nodesOf)];

const drawnState = (state: ChartState, place: ElkNode | undefined): DrawnState => ({
  ...state,
  x: round(place?.x),
  y: round(place?.y),
  width: round(place?.width),
  height: round(place?.height),
});

function drawnEdge(edge: ChartEdge, line: ElkExtendedEdge | undefined): DrawnEdge {
  const points = (line?.sections ?? []).flatMap(({ startPoint, bendPoints = [], endPoint }) =>
    [startPoint, ...bendPoints, endPoint].map(({ x, y }): [number, number] => [round(x), round(y)]),
  );
  return { ...edge, points };
}

const round = (length: number | undefined): number => Math.round((length ?? 0) * 10) / 10;
