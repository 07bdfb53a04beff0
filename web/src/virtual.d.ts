declare module 'virtual:drawn-charts' {
  const drawings: readonly import('../build/chart-drawing.ts').ChartDrawing[];
  export default drawings;
}
