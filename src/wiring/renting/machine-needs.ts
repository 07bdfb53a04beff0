import type { OfferNeeds } from '../../adapters/vast/interface.ts';
import type { Config } from '../../config/config.ts';
import { cudaOfImage, usedImage } from '../../policy/image-needs.ts';
import { workNeeds, type WorkNeeds } from '../../policy/model-needs.ts';
import type { PocVersion } from '../../policy/poc-version.ts';
import { gigabytes, megabytes } from '../../units.ts';

/** What the PoC to come asks of a machine. `modelVramGb`: what governance asks for the model, null where it is not known. */
export function workOf(
  { machineModel, vast, model }: Config,
  version: PocVersion,
  modelVramGb: number | null = null,
): WorkNeeds {
  return workNeeds({
    version,
    imageKind: machineModel.imageKind,
    model,
    imageGb: machineModel.imageGb,
    sizes: { ...(modelVramGb === null ? {} : { vramGb: modelVramGb }), ...machineModel.sizes },
    inetDownMbps: vast.inetDownMbpsMin,
  });
}

/** The operator's wishes and the work's needs, as the market is searched for them. */
export function machineNeeds(
  { vast, machineModel }: Config,
  work: WorkNeeds,
): Omit<OfferNeeds, 'durationSecondsMin'> {
  const cudaMin = cudaOfImage(usedImage(vast.image, machineModel, work));
  return {
    ...(vast.gpuNames === undefined ? {} : { gpuNames: vast.gpuNames }),
    ...(vast.gpuCount === undefined ? {} : { gpuCount: vast.gpuCount }),
    gpuRamMbMin: vast.gpuRamMbMin,
    gpuTotalRamMbMin: megabytes(Math.max(vast.gpuTotalRamMbMin, work.gpuTotalRamMbMin)),
    diskGb: work.model === null ? vast.diskGb : gigabytes(Math.max(vast.diskGb, work.diskGbMin)),
    priceMax: vast.priceMax,
    reliabilityMin: vast.reliabilityMin,
    inetDownMbpsMin: vast.inetDownMbpsMin,
    ...(cudaMin === null ? {} : { cudaMin }),
  };
}
