import { connection, state } from './live/link.ts';
import { shownEpoch } from './live/route.ts';
import { AlertList } from './parts/alert-list.tsx';
import { EpochList } from './parts/epoch-list.tsx';
import { EpochPage } from './parts/epoch-page.tsx';
import { InferencePanel } from './parts/inference-panel.tsx';
import { LostBanner } from './parts/lost-banner.tsx';
import { MachineList } from './parts/machine-list.tsx';
import { Machinery } from './parts/machinery.tsx';
import { MoneyPanel } from './parts/money-panel.tsx';
import { NextStrip } from './parts/next-strip.tsx';
import { NoncePanel } from './parts/nonce-panel.tsx';
import { NowPanel } from './parts/now-panel.tsx';
import { PanelGuard } from './parts/panel-guard.tsx';
import { OtherRows } from './parts/other-rows.tsx';
import { TimeLine } from './parts/time-line.tsx';
import { TopBar } from './parts/top-bar.tsx';
import { Unlock } from './parts/unlock.tsx';

export function App() {
  if (connection.value === 'locked') {
    return (
      <>
        <TopBar />
        <Unlock />
      </>
    );
  }
  const index = shownEpoch.value;
  return (
    <>
      <TopBar />
      <LostBanner />
      <main id="main" tabIndex={-1}>
        {index === null ? (
          <FrontPage />
        ) : (
          <PanelGuard key={index} name={`Epoch ${index}`}>
            <EpochPage index={index} />
          </PanelGuard>
        )}
      </main>
      <footer>
        <p class="quiet">
          gonka-hybrid-mlnode {state.value?.daemon.version} · everything here is also at{' '}
          <a href="/openapi.json">the API</a> and on the command line: <code>hybrid-mlnode status</code>
        </p>
      </footer>
    </>
  );
}

const FrontPage = () => (
  <>
    <AlertList />
    <NowPanel />
    <NextStrip />
    <PanelGuard name="The time line">
      <TimeLine />
    </PanelGuard>
    <PanelGuard name="The charts">
      <Machinery />
    </PanelGuard>
    <div class="grid">
      <div>
        <PanelGuard name="Nonces">
          <NoncePanel />
        </PanelGuard>
        <PanelGuard name="Inference">
          <InferencePanel />
        </PanelGuard>
      </div>
      <div>
        <PanelGuard name="Money">
          <MoneyPanel />
        </PanelGuard>
        <PanelGuard name="Machines">
          <MachineList />
        </PanelGuard>
      </div>
    </div>
    <PanelGuard name="Epochs">
      <EpochList />
    </PanelGuard>
    <OtherRows />
  </>
);
