/** A chart with its places, ready to be drawn. Lengths in CSS pixels. */
export interface ChartDrawing {
  readonly chart: string;
  readonly width: number;
  readonly height: number;
  readonly states: readonly DrawnState[];
  readonly edges: readonly DrawnEdge[];
}

export interface DrawnState {
  readonly id: string;
  readonly key: string;
  readonly parent: string | null;
  readonly kind: 'atomic' | 'compound' | 'parallel' | 'final';
  readonly isInitial: boolean;
  readonly work: readonly string[];
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface DrawnEdge {
  readonly from: string;
  readonly to: string;
  readonly exits: readonly { readonly event: string; readonly guard: string | null }[];
  /** Corners of the line, in pairs. */
  readonly points: readonly (readonly [number, number])[];
}
