import { Component, type ComponentChildren } from 'preact';

/** A panel that fails takes nobody with it: the others go on, and it tries again with what the daemon says next. */
export class PanelGuard extends Component<
  { readonly name: string; readonly children: ComponentChildren },
  { fault: string | null }
> {
  override state = { fault: null };

  static override getDerivedStateFromError = (error: unknown): { fault: string } => ({
    fault: error instanceof Error ? error.message : String(error),
  });

  override componentDidCatch(error: unknown): void {
    console.error(error);
  }

  override render() {
    if (this.state.fault === null) return this.props.children;
    return (
      <section class="card">
        <p class="quiet">
          {this.props.name} could not be shown ({this.state.fault}).{' '}
          <button type="button" class="plain" onClick={() => this.setState({ fault: null })}>
            Try again
          </button>
        </p>
      </section>
    );
  }
}
