/** How rows are named; charts tell each other by these names. */
export const leaseRow = (leaseId: string): string => `lease:${leaseId}`;
export const epochRow = (epochIndex: number): string => `epoch:${epochIndex}`;
export const tunnelRow = (leaseId: string): string => `tunnel:${leaseId}`;
export const serviceRow = 'service';
export const confirmationRow = 'confirmation';
export const registrationRow = 'registration';
export const reconcilerRow = 'reconciler';
export const chainClockRow = 'chainClock';
export const participantRow = 'participant';
export const upstreamRow = (name: string): string => `upstream:${name}`;
